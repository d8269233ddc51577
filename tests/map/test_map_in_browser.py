"""The page in a real browser: panels, filters, details, hostile names, accessibility, print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from cli_running import forebay, write_topology

from generator.model.finding import Finding, FindingKind, Severity, Witness
from generator.model.printable import one_line, printable
from generator.report.html import html
from generator.report.report import Report
from map.browsing import opened
from map.estates import CHAIN, HOSTILE, many_accounts, read

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

PANELS = ["Findings", "Proved", "Map", "Access", "Tokens", "Limits", "Left to others"]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a check that finds something wrong and something not decided."""
    folder = tmp_path_factory.mktemp("checked")
    write_topology(folder, CHAIN)
    assert forebay(folder, "generate").code == 0
    access = folder / "terraform" / "hub" / "access.tf"
    code = access.read_text("utf-8")
    assert 'account_ids    = ["222233334444"]' in code
    access.write_text(
        code.replace('["222233334444"]', '["222233334444", "555566667777"]', 1).replace(
            '["arn:aws:iam::222233334444:role/eks-node"]', "[]"
        ),
        "utf-8",
    )
    roles = folder / "terraform" / "shop" / "access.tf"
    roles.write_text(roles.read_text("utf-8").replace('"pull"', "var.level", 1), "utf-8")
    (folder / "terraform" / "shop" / "level.tf").write_text('variable "level" {}\n', "utf-8")
    done = forebay(folder, "check", "--report", "html=report.html")
    assert done.code == 2, done.out
    return folder / "report.html"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a topology alone."""
    folder = tmp_path_factory.mktemp("shown")
    write_topology(folder, CHAIN)
    done = forebay(folder, "show", "--format", "html")
    assert (done.code, done.err) == (0, "")
    file = folder / "map.html"
    file.write_text(done.out, "utf-8")
    return file


def lit(page: Page) -> list[str]:
    """The labels of all nodes that a filter leaves bright, in short."""
    found = page.locator(".node:not(.dim)").evaluate_all(
        "nodes => nodes.map(node => node.getAttribute('aria-label').split(',')[0])"
    )
    return sorted(found)


def leaving_their_box(page: Page) -> list[str]:
    """The texts of nodes that reach over the edge of their node."""
    found = page.locator(".node").evaluate_all(
        """nodes => nodes.flatMap(node => {
            const box = node.querySelector(".box").getBBox();
            return [...node.querySelectorAll("text.name, text.more, text.row")]
                .filter(text => text.getBBox().x + text.getBBox().width > box.x + box.width - 4)
                .map(text => text.textContent);
        })"""
    )
    return list(found)


def test_every_panel_opens(browser: Browser, checked: Path) -> None:
    with opened(browser, checked) as seen:
        page = seen.page
        assert [
            tab.rstrip("0123456789") for tab in page.locator("[role=tab]").all_inner_texts()
        ] == PANELS
        for name in PANELS:
            page.locator("[role=tab]", has_text=name).click()
            assert page.locator("[role=tabpanel]:visible").count() == 1
            panel = page.locator("[role=tabpanel]:visible")
            assert panel.get_attribute("data-tab") == name
            assert len(panel.inner_text().strip()) > 20
        page.keyboard.press("ArrowRight")
        assert page.locator("[role=tabpanel]:visible").get_attribute("data-tab") == "Findings"


def test_findings_stand_on_the_map_with_their_witness_and_remedy(
    browser: Browser, checked: Path
) -> None:
    with opened(browser, checked) as seen:
        page = seen.page
        first = page.locator(".result.wrong").first
        assert ":role/another-role" in first.locator(".story").inner_text()
        story = first.locator(".story").inner_text()
        assert "A statement allows it: FirstPullDockerHubAnd1More in the registry policy" in story
        assert "Principal fits, Action fits, Resource fits" in story
        assert "Condition ArnEquals aws:PrincipalArn does not fit" in story
        assert story.endswith("So it is allowed: an Allow statement matches")
        assert "forebay replay --as" in first.locator(".copyable").first.inner_text()
        assert page.locator(".result.undecided").count() >= 1

        first.get_by_text("Show it on the map").click()

        assert page.locator(".node.registry.wrong:visible").count() == 1
        # Nobody whom the topology names is let in wrongly, so that no grant is red.
        assert page.locator(".edge.wrong").count() == 0
        assert page.locator(".edge.undecided, .node.consumer.undecided").count() >= 1
        page.locator(".node.registry.wrong").click()
        page.locator(".detail:visible").get_by_role("button").first.click()
        assert first.is_visible()


def test_what_was_proved_is_listed(browser: Browser, checked: Path) -> None:
    with opened(browser, checked) as seen:
        seen.page.locator("#t-proved").click()
        listed = seen.page.locator("#proved li").count()

        assert listed > 20
        assert f", {listed} of " in seen.page.locator(".verdict").inner_text()


def test_filters_filter(browser: Browser, shown: Path) -> None:
    with opened(browser, shown) as seen:
        page = seen.page
        assert leaving_their_box(page) == []
        page.select_option("#f-consumer", "auditors")
        assert lit(page) == ["auditors", "hub", "quay"]
        assert page.locator("#found").inner_text() == "1 grant fits"
        page.locator("#t-access").click()
        assert page.locator(".matrix tbody tr:visible").count() == 1
        assert page.locator(".matrix thead th[data-cache]:visible").all_inner_texts() == ["quay/*"]
        page.locator("#t-others").click()
        assert page.locator("#others tbody tr:visible td:first-child").all_inner_texts() == [
            "account shop (222233334444)"
        ]
        page.locator("#f-clear").click()
        page.locator("#t-map").click()
        page.wait_for_function("document.querySelectorAll('.dim').length === 0")
        page.select_option("#f-level", "pull")
        assert lit(page) == ["account 999988887777", "hub", "shop", "shop-ci-x"]
        page.select_option("#f-cache", "partner/*")
        assert lit(page) == ["account 999988887777", "shop", "shop-ci-x"]
        page.locator("#t-limits").click()
        assert {
            one.rpartition(" ")[2]
            for one in page.locator("#limits tbody tr:visible td:nth-child(2)").all_inner_texts()
        } == {"shop", "eu-west-1"}
        assert page.locator("#limits tbody tr:visible").count() == 4
        page.locator("#f-clear").click()
        page.fill("#f-text", "DOCKER.io")
        page.wait_for_function("document.querySelectorAll('.dim').length > 0")
        assert lit(page) == ["docker-hub", "hub", "shop-nodes"]
        page.fill("#f-text", "nobody has this name")
        assert lit(page) == []
        page.locator("#f-clear").click()
        page.select_option("#f-account", "hub")
        assert "shop-ci-x" not in lit(page)


def test_a_click_shows_statement_line_and_commands(browser: Browser, shown: Path) -> None:
    with opened(browser, shown) as seen:
        page = seen.page
        edge = page.locator('.edge[aria-label^="hub to shop-nodes"]')
        edge.focus()
        page.keyboard.press("Enter")

        told = page.locator(".detail:visible")
        text = told.inner_text()
        assert "map.html" not in text
        assert "topology.yaml:16" in text
        assert "- {to: shop-nodes, allow: first-pull}" in text
        host = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
        assert f"docker pull {host}/docker-hub/library/alpine:latest" in text
        assert "forebay can shop-nodes pull 'docker-hub/*' --first --at hub/eu-west-1" in text
        assert '"ecr:CreateRepository"' in text
        assert '"aws:PrincipalArn"' in text
        page.keyboard.press("Escape")
        assert page.locator("aside").is_hidden()
        assert edge.evaluate("edge => edge === document.activeElement")


def test_hostile_names_stay_text(browser: Browser, tmp_path: Path) -> None:
    findings = tuple(
        Finding(
            kind=FindingKind.FINDING,
            rule="grant-any-principal",
            severity=Severity.HIGH,
            title=name,
            message=f"`{name}` and\n  {name}",
            subject=name,
            address=name,
            witness=Witness(
                principal=name, action=name, resource=name, context={name: name}, statement=None
            ),
        )
        for name in HOSTILE
    )
    text = html(Report(command="check", findings=findings, topology=read(CHAIN), text=HOSTILE[4]))
    file = tmp_path / "hostile.html"
    file.write_text(text, "utf-8")
    with opened(browser, file) as seen:
        page = seen.page
        titles = page.locator(".result .what").all_text_contents()
        assert titles == [printable(name).rstrip(".") for name in HOSTILE]
        assert page.locator("script").count() == 2
        assert page.locator("[href^='javascript' i], [onclick], img, iframe, object").count() == 0
        assert page.locator(".story code").all_text_contents()[0] == one_line(HOSTILE[0])
        # Long names wrap, or scroll in a box of their own: the page itself never gets wider.
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_axe_finds_nothing_in_light_nor_in_dark(browser: Browser, checked: Path) -> None:
    with opened(browser, checked) as seen:
        page = seen.page
        page.locator("#t-map").click()
        page.locator(".edge .hit").first.click(force=True)
        page.evaluate(
            "for (const one of document.querySelectorAll('.panel')) one.hidden = false;"
            "for (const one of document.querySelectorAll('details')) one.open = true;"
        )

        found = Axe().run(page).response["violations"]
        page.emulate_media(color_scheme="dark")

        only = {"runOnly": ["color-contrast"]}
        found += Axe().run(page, options=only).response["violations"]

        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def test_print_shows_every_panel(browser: Browser, checked: Path) -> None:
    with opened(browser, checked) as seen:
        seen.page.emulate_media(media="print")

        assert seen.page.locator(".panel:visible").count() == len(PANELS)
        assert seen.page.locator(".tabs:visible, .filters:visible").count() == 0


def test_a_narrow_window_scrolls_only_the_map(browser: Browser, shown: Path) -> None:
    with opened(browser, shown, width=390) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        seen.page.locator('.edge[aria-label^="hub to shop-nodes"]').focus()
        seen.page.keyboard.press("Enter")
        top = seen.page.locator("#detail").bounding_box()
        assert top is not None
        assert 0 <= top["y"] < 100


def test_a_thousand_accounts_are_a_small_page_that_opens_on_demand(
    browser: Browser, tmp_path: Path
) -> None:
    write_topology(tmp_path, many_accounts(1000))
    text = forebay(tmp_path, "show", "--format", "html").out
    file = tmp_path / "map.html"
    file.write_text(text, "utf-8")

    assert len(text.encode()) < 2_000_000
    with opened(browser, file) as seen:
        page = seen.page
        assert page.locator(".node").count() < 40
        assert leaving_their_box(page) == []
        page.locator(".node.registry", has_text="1,000 registries").first.click()
        details = page.locator(".detail:visible details").last
        assert not details.get_attribute("open")
        details.locator("summary").click()
        assert details.locator("tbody tr:visible").count() == 1000
        page.select_option("#f-account", "team-0007")
        assert page.locator("#found").inner_text() == "8 grants fit"


def test_without_its_script_everything_is_there(browser: Browser, shown: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(shown.as_uri())

    assert page.locator(".panel").count() == 5
    assert all(panel.is_visible() for panel in page.locator(".panel").all())
    context.close()
