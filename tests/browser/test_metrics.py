"""Metrics in a browser: from the rail to the orders that decide, and the charts on paper."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk


def test_metrics_are_read_and_printed(signed_in: Page, desk: Desk) -> None:
    signed_in.goto(f"{desk.url}/orders/")
    expect(signed_in.locator("#rail-metrics .count")).to_contain_text("%")
    signed_in.get_by_role("link", name=re.compile("^Metrics")).click()
    signed_in.get_by_label("Period").select_option("14")
    expect(signed_in).to_have_url(re.compile("days=14"))
    expect(signed_in.locator(".measure")).to_have_count(7)
    chart = signed_in.get_by_role("img", name=re.compile("^Late dispatch")).first
    expect(chart).to_have_accessible_description(re.compile("table below has the same numbers"))
    # A shop further east may have begun its next day.
    expect(chart.locator("g").nth(13)).to_be_attached()
    table = signed_in.locator(".day-table table").first
    expect(table).to_be_hidden()
    signed_in.emulate_media(media="print")
    expect(table).to_be_visible()
    expect(chart).to_be_visible()
    expect(signed_in.locator(".rail")).to_be_hidden()
    signed_in.emulate_media(media="screen")
    with signed_in.expect_download() as download:
        signed_in.locator("#metrics-file").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0].startswith('shop,day,zone,"Late dispatch, by arranging: orders counted"')
    signed_in.goto(f"{desk.url}/metrics/orders/?shop=demo-northwind-uk")
    expect(signed_in.get_by_role("heading", level=1)).to_contain_text("decide late dispatch")


def test_a_number_leads_to_its_orders_and_back(signed_in: Page, desk: Desk) -> None:
    signed_in.goto(f"{desk.url}/metrics/?shop=demo-northwind-uk&days=30")
    link = signed_in.locator("#measure-canceled a")
    many = re.sub(r"\D", "", link.inner_text())
    link.click()
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Seller-fault cancellations")
    expect(signed_in.locator("[data-against]")).to_have_count(min(int(many), 50))
    signed_in.get_by_role("link", name="Back to Metrics").click()
    expect(signed_in.locator("#shop")).to_have_value("demo-northwind-uk")
    expect(signed_in.locator("#days")).to_have_value("30")
    signed_in.go_back()
    signed_in.locator("[data-against] a").first.click()
    expect(signed_in.locator(".detail")).to_be_visible()
