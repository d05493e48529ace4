import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import shipboard.channels.contract
from decimal import Decimal
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name='Shop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('channel', models.CharField(choices=[('file', 'Order export files')], max_length=20)),
                ('region', models.CharField(max_length=2)),
                ('timezone', models.CharField(max_length=64)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('sla', models.CharField(blank=True, max_length=40)),
                ('dispatch_hours', models.PositiveIntegerField(null=True)),
                ('auto_cancel_hours', models.PositiveIntegerField(null=True)),
                ('after_sales_days', models.PositiveIntegerField(default=14)),
                ('is_demo', models.BooleanField(default=False)),
                ('added_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'shop',
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('role', models.CharField(choices=[('owner', 'Owner')], default='owner', max_length=20)),
                ('is_active', models.BooleanField(default=True)),
                ('joined_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'db_table': 'person',
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='person_email_once')],
            },
        ),
        migrations.CreateModel(
            name='Parcel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.TextField()),
                ('package_id', models.TextField(blank=True)),
                ('tracking_number', models.TextField(blank=True)),
                ('carrier', models.TextField(blank=True)),
                ('weight_kg', models.DecimalField(decimal_places=3, max_digits=10, null=True)),
                ('former_ids', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('as_of', models.DateTimeField()),
                ('rank', models.SmallIntegerField()),
                ('field_ages', models.JSONField(default=dict)),
                ('shop', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='shipboard.shop')),
            ],
            options={
                'db_table': 'parcel',
            },
        ),
        migrations.CreateModel(
            name='OrderImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by', models.CharField(max_length=200)),
                ('file_name', models.CharField(max_length=255)),
                ('path', models.TextField(blank=True)),
                ('size', models.BigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('queued', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('unreadable', 'Could not be read'), ('stopped', 'Stopped')], default='queued', max_length=12)),
                ('complete_list', models.CharField(blank=True, max_length=20)),
                ('as_of', models.DateTimeField(null=True)),
                ('header', models.JSONField(default=list)),
                ('rows', models.IntegerField(default=0)),
                ('rows_read', models.IntegerField(default=0)),
                ('orders', models.IntegerField(default=0)),
                ('orders_done', models.IntegerField(default=0)),
                ('orders_created', models.IntegerField(default=0)),
                ('orders_updated', models.IntegerField(default=0)),
                ('orders_unchanged', models.IntegerField(default=0)),
                ('orders_rejected', models.IntegerField(default=0)),
                ('warnings', models.JSONField(default=list)),
                ('missing', models.JSONField(default=list)),
                ('problem', models.TextField(blank=True)),
                ('attempts', models.IntegerField(default=0)),
                ('downloads', models.JSONField(default=list)),
                ('queued_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='shipboard.shop')),
            ],
            options={
                'db_table': 'order_import',
            },
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_id', models.TextField()),
                ('as_of', models.DateTimeField()),
                ('digest', models.BinaryField()),
                ('field_ages', models.JSONField(default=dict)),
                ('stage', models.CharField(choices=[('unpaid', 'unpaid'), ('on_hold', 'on_hold'), ('unknown', 'unknown'), ('awaiting_shipment', 'awaiting_shipment'), ('partially_shipped', 'partially_shipped'), ('pending_collection', 'pending_collection'), ('in_transit', 'in_transit'), ('delivered', 'delivered'), ('closed', 'closed'), ('canceled', 'canceled')], max_length=20)),
                ('stage_source', models.CharField(choices=[('channel', 'channel'), ('derived', 'derived')], max_length=8)),
                ('status_words', models.TextField(blank=True)),
                ('hold_ends_at', models.DateTimeField(null=True)),
                ('order_type', models.CharField(choices=[('normal', 'normal'), ('pre_order', 'pre_order'), ('made_to_order', 'made_to_order'), ('back_order', 'back_order'), ('sample', 'sample')], max_length=16)),
                ('shipping', models.CharField(blank=True, choices=[('seller', 'seller'), ('platform', 'platform'), ('', '')], max_length=8)),
                ('is_platform_fulfilled', models.BooleanField(default=False)),
                ('is_cod', models.BooleanField(default=False)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('total', models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ('charges', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(null=True)),
                ('arranged_at', models.DateTimeField(null=True)),
                ('collected_at', models.DateTimeField(null=True)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('canceled_at', models.DateTimeField(null=True)),
                ('release_at', models.DateTimeField(null=True)),
                ('ship_by', models.DateTimeField(null=True)),
                ('collect_by', models.DateTimeField(null=True)),
                ('auto_cancel_at', models.DateTimeField(null=True)),
                ('deliver_by', models.DateTimeField(null=True)),
                ('channel_deadlines', models.JSONField(default=dict)),
                ('closes_at', models.DateTimeField(null=True)),
                ('channel_closes_at', models.DateTimeField(null=True)),
                ('canceled_by', models.TextField(blank=True)),
                ('cancel_reason', models.TextField(blank=True)),
                ('warehouse', models.TextField(blank=True)),
                ('delivery_option', models.TextField(blank=True)),
                ('delivery_option_type', models.TextField(blank=True)),
                ('carrier', models.TextField(blank=True)),
                ('payment_method', models.TextField(blank=True)),
                ('buyer_username', models.TextField(blank=True)),
                ('buyer_message', models.TextField(blank=True)),
                ('seller_note', models.TextField(blank=True)),
                ('recipient', models.JSONField(default=dict)),
                ('extra', models.JSONField(default=dict)),
                ('units', models.IntegerField(default=0)),
                ('skus', models.IntegerField(default=0)),
                ('is_split', models.BooleanField(default=False)),
                ('first_seen_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('shop', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='shipboard.shop')),
            ],
            options={
                'db_table': 'order',
            },
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.BinaryField()),
                ('sku_id', models.TextField()),
                ('seller_sku', models.TextField()),
                ('product_id', models.TextField()),
                ('product_name', models.TextField()),
                ('sku_name', models.TextField()),
                ('category', models.TextField()),
                ('image_url', models.TextField()),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='shipboard.shop')),
            ],
            options={
                'db_table': 'item',
            },
        ),
        migrations.CreateModel(
            name='Line',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.SmallIntegerField()),
                ('quantity', models.IntegerField()),
                ('returned', models.IntegerField(default=0)),
                ('unit_price', models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ('subtotal', models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ('platform_discount', models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ('seller_discount', models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ('total', models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ('unit_ids', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('extra', models.JSONField(default=dict)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='shipboard.item')),
                ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='shipboard.order')),
            ],
            options={
                'db_table': 'line',
                'constraints': [models.UniqueConstraint(models.F('order'), models.F('position'), name='line_once')],
            },
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField()),
                ('by', models.TextField()),
                ('placed_at', models.DateTimeField()),
                ('released_at', models.DateTimeField(null=True)),
                ('released_by', models.TextField(blank=True)),
                ('as_of', models.DateTimeField(null=True)),
                ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='holds', to='shipboard.order')),
            ],
            options={
                'db_table': 'hold',
                'indexes': [models.Index(models.F('order'), name='hold_by_order')],
                'constraints': [models.UniqueConstraint(models.F('order'), condition=models.Q(('released_at', None)), name='hold_one_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(max_length=30)),
                ('by', models.TextField()),
                ('detail', models.JSONField(default=dict)),
                ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='shipboard.order')),
            ],
            options={
                'db_table': 'event',
                'indexes': [models.Index(models.F('order'), models.OrderBy(models.F('at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='event_timeline')],
            },
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('cancellation', 'cancellation'), ('return', 'return'), ('refund', 'refund'), ('replacement', 'replacement')], max_length=12)),
                ('case_id', models.TextField(blank=True)),
                ('is_open', models.BooleanField()),
                ('reason', models.TextField(blank=True)),
                ('amount', models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ('requested_at', models.DateTimeField(null=True)),
                ('respond_by', models.DateTimeField(null=True)),
                ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='shipboard.order')),
            ],
            options={
                'db_table': 'case',
                'indexes': [models.Index(models.F('order'), condition=models.Q(('is_open', True)), name='case_open')],
                'constraints': [models.UniqueConstraint(models.F('order'), models.F('kind'), models.F('case_id'), name='case_once')],
            },
        ),
        migrations.CreateModel(
            name='ParcelContent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.SmallIntegerField()),
                ('quantity', models.IntegerField()),
                ('is_current', models.BooleanField(default=True)),
                ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='contents', to='shipboard.order')),
                ('parcel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contents', to='shipboard.parcel')),
            ],
            options={
                'db_table': 'parcel_content',
                'constraints': [models.UniqueConstraint(models.F('order'), models.F('parcel'), models.F('line'), name='parcel_content_once')],
            },
        ),
        migrations.CreateModel(
            name='RejectedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.IntegerField()),
                ('order_id', models.TextField(blank=True)),
                ('reason', models.TextField()),
                ('is_named', models.BooleanField()),
                ('cells', models.JSONField()),
                ('of', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rejected_rows', to='shipboard.orderimport')),
            ],
            options={
                'db_table': 'rejected_row',
                'constraints': [models.UniqueConstraint(models.F('of'), models.F('row'), name='rejected_row_once')],
            },
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(models.F('package_id'), name='parcel_package_id'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(django.db.models.functions.text.Upper('tracking_number'), name='parcel_tracking'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=django.contrib.postgres.indexes.GinIndex(models.F('former_ids'), condition=models.Q(('former_ids', []), _negated=True), fastupdate=False, name='parcel_former_ids'),
        ),
        migrations.AddConstraint(
            model_name='parcel',
            constraint=models.UniqueConstraint(models.F('shop'), models.F('key'), name='parcel_once'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(models.F('order_id'), name='order_by_id'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(django.db.models.functions.text.Lower('buyer_username'), name='order_buyer_username'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(models.OrderBy(models.F('created_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='order_newest'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(models.F('currency'), django.db.models.functions.comparison.Coalesce('total', models.Value(Decimal('0')), output_field=models.DecimalField(decimal_places=4, max_digits=18)), models.F('id'), name='order_total'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(django.db.models.functions.comparison.Coalesce('paid_at', models.Func(output_field=models.DateTimeField(), template="'infinity'::timestamptz")), models.F('id'), name='order_paid'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(django.db.models.functions.comparison.Coalesce('ship_by', models.Func(output_field=models.DateTimeField(), template="'infinity'::timestamptz")), models.F('id'), condition=models.Q(('stage__in', (shipboard.channels.contract.Stage['ON_HOLD'], shipboard.channels.contract.Stage['AWAITING_SHIPMENT'], shipboard.channels.contract.Stage['PARTIALLY_SHIPPED']))), name='order_to_ship'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(models.OrderBy(models.F('created_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('stage__in', (shipboard.channels.contract.Stage['UNPAID'], shipboard.channels.contract.Stage['ON_HOLD'], shipboard.channels.contract.Stage['UNKNOWN'], shipboard.channels.contract.Stage['AWAITING_SHIPMENT'], shipboard.channels.contract.Stage['PARTIALLY_SHIPPED'], shipboard.channels.contract.Stage['PENDING_COLLECTION'], shipboard.channels.contract.Stage['IN_TRANSIT']))), name='order_open'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(models.OrderBy(models.F('created_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('stage__in', (shipboard.channels.contract.Stage['DELIVERED'], shipboard.channels.contract.Stage['CLOSED']))), name='order_completed'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(models.OrderBy(models.F('created_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('stage', shipboard.channels.contract.Stage['CANCELED'])), name='order_canceled'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(models.F('shop'), models.F('stage'), models.F('hold_ends_at'), models.F('closes_at'), name='order_counts'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.UniqueConstraint(models.F('shop'), models.F('order_id'), name='order_once'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(models.F('sku_id'), name='item_sku_id'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(models.F('product_id'), name='item_product_id'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(django.db.models.functions.text.Lower('seller_sku'), name='item_seller_sku'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(django.db.models.functions.text.Lower('sku_name'), name='item_sku_name'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('product_name', name='gin_trgm_ops'), fastupdate=False, name='item_product_name'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.UniqueConstraint(models.F('shop'), models.F('digest'), name='item_once'),
        ),
    ]
