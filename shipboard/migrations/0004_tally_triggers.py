"""Triggers that keep the tables tally and facet as orders change, whoever changes them: one row
for each shop, stage and closing day of a statement, appended, so that writers never wait.
"""

from django.db import migrations

#: Reads changed(shop_id, stage, closes_at, orders, changes).
SUMMED = """
    insert into tally (shop_id, stage, day, orders, changes)
    select shop_id, stage, case when stage = 'delivered' then (closes_at at time zone 'UTC')::date end,
           sum(orders), sum(changes)
      from ({changed}) as changed
     group by 1, 2, 3
    having sum(orders) <> 0 or sum(changes) <> 0;
"""
FACETS = """
    insert into facet (shop_id, name, value)
    select distinct shop_id, name, value
      from {rows}, lateral (values
           ('carrier', carrier), ('warehouse', warehouse), ('delivery_option', delivery_option),
           ('currency', currency)) as named(name, value)
     where value <> '' and not exists (
           select from facet where facet.shop_id = {rows}.shop_id and facet.name = named.name
               and facet.value = named.value)
        on conflict do nothing;
"""
CAME = "select shop_id, stage, closes_at, 1 as orders, 1 as changes from {}"
WENT = "select shop_id, stage, closes_at, -1 as orders, {} as changes from old_rows"
#: What is told of an update: came and went together, one change for each row.
BODIES = {
    "insert": SUMMED.format(changed=CAME.format("new_rows")) + FACETS.format(rows="new_rows"),
    "update": SUMMED.format(changed=CAME.format("new_rows") + " union all " + WENT.format(0))
    + FACETS.format(rows="new_rows"),
    "delete": SUMMED.format(changed=WENT.format(1)),
    "truncate": """
    insert into tally (shop_id, stage, day, orders, changes)
    select shop_id, stage, day, -sum(orders), 1 from tally group by 1, 2, 3;
""",
}
TABLES = {
    "insert": "referencing new table as new_rows",
    "update": "referencing old table as old_rows new table as new_rows",
    "delete": "referencing old table as old_rows",
    "truncate": "",
}


def trigger(verb: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""
        create function order_tally_{verb}() returns trigger language plpgsql as $$
        begin {BODIES[verb]} return null; end $$;
        create trigger order_tally_{verb} after {verb} on "order" {TABLES[verb]}
            for each statement execute function order_tally_{verb}();
        """,
        f'drop trigger order_tally_{verb} on "order"; drop function order_tally_{verb}();',
    )


class Migration(migrations.Migration):
    dependencies = [("shipboard", "0003_tally")]

    operations = [
        # The first trigger keeps writers out until the orders that are there have been counted.
        *(trigger(verb) for verb in BODIES),
        migrations.RunSQL(
            SUMMED.format(changed=CAME.format('"order"'))
            + FACETS.format(rows='"order"'),
            "delete from tally; delete from facet;",
        ),
    ]
