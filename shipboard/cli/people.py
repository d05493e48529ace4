"""Commands about people."""

from __future__ import annotations

import click

from shipboard.cli.orders import in_desk


@click.command()
@click.argument("email")
@click.password_option(help="The new password; asked for when it is not given.")
@click.option("--without-totp", is_flag=True, help="Turn two-step sign-in off: the phone is lost.")
@in_desk
def password(email: str, password: str, without_totp: bool) -> None:
    """Set the password of the person who signs in with EMAIL, and sign them out everywhere."""
    from django.core.exceptions import ValidationError

    from shipboard.accounts.access import COMMAND_LINE
    from shipboard.accounts.models import User
    from shipboard.accounts.people import reset_two_step, set_password
    from shipboard.cli.refusals import Refused

    person = User.objects.filter(email__iexact=email).first()
    if person is None:
        raise Refused(f"Nobody signs in with {email}; check the address.")
    try:
        set_password(person, password, by=COMMAND_LINE.by)
    except ValidationError as problem:
        raise Refused(" ".join(problem.messages)) from None
    if without_totp and not reset_two_step(person, by=COMMAND_LINE.by):
        click.echo("Two-step sign-in was off already.")
    click.echo(f"{person.email} signs in with the new password from now on.")
