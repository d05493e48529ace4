"""Commands about people."""

from __future__ import annotations

import click

from shipboard.cli.orders import in_desk


@click.command()
@click.argument("email")
@click.password_option(help="The new password; asked for when it is not given.")
@in_desk
def password(email: str, password: str) -> None:
    """Set the password of the person who signs in with EMAIL."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from shipboard.accounts.models import User
    from shipboard.cli.refusals import Refused

    person = User.objects.filter(email__iexact=email).first()
    if person is None:
        raise Refused(f"Nobody signs in with {email}; check the address.")
    try:
        validate_password(password, person)
    except ValidationError as problem:
        raise Refused(" ".join(problem.messages)) from None
    person.set_password(password)
    person.save(update_fields=["password"])
    click.echo(f"{person.email} signs in with the new password from now on.")
