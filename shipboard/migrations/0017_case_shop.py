"""The shop of a case beside its order: cases are listed and counted by shop, and 50,000 of them
would be looked up one by one in a million orders. A trigger fills it, whoever writes the case.
"""

import django.db.models.deletion
from django.db import migrations, models

FILL = """
create function case_shop() returns trigger language plpgsql as $$
begin
    select shop_id into new.shop_id from "order" where id = new.order_id;
    return new;
end $$;
create trigger case_shop before insert on "case" for each row execute function case_shop();
update "case" set shop_id = "order".shop_id from "order" where "order".id = "case".order_id;
"""
EMPTY = 'drop trigger case_shop on "case"; drop function case_shop();'


class Migration(migrations.Migration):
    dependencies = [("shipboard", "0016_cases")]
    operations = [
        migrations.AddField(
            model_name="case",
            name="shop",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="shipboard.shop",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("is_open", False)),
                fields=["shop"],
                include=("status", "dispute"),
                name="case_decided",
            ),
        ),
        migrations.RunSQL(FILL, EMPTY),
    ]
