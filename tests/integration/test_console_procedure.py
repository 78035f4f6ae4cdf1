"""The picture of a procedure: every stage once, every move an arrow that runs through no other stage, counts that open lists."""

import re
from itertools import pairwise

import pytest
from sqlalchemy import Engine

from dashboard.picture import UNDRAWN, WIDTH, Box, picture
from ocop.procedure import Back, Procedure
from ocop.rulebook import PROCEDURES
from tests.factories import an_office
from tests.integration.console_pages import numbers, shown, text, total

pytestmark = pytest.mark.postgresql_long
LAWS = pytest.mark.parametrize("law", PROCEDURES.values(), ids=PROCEDURES)


def corners(path: str) -> list[tuple[float, float]]:
    """Return the corners of an arrow's path."""
    pairs = [pair.split() for pair in path.removeprefix("M").split("L")]
    return [(float(x), float(y)) for x, y in pairs]


def inside(box: Box, x: float, y: float) -> bool:
    """Return whether a point lies within a box, its edge aside."""
    return box.x + 0.5 < x < box.x + WIDTH - 0.5 and box.y + 0.5 < y < box.y + box.height - 0.5


@LAWS
def test_every_stage_stands_once_and_upon_no_other(law: Procedure) -> None:
    sheet = picture(law)
    assert sorted(box.stage.key for box in sheet.boxes) == sorted(stage.key for stage in law.stages)
    for box in sheet.boxes:
        assert 0 <= box.x < box.x + WIDTH <= sheet.width
        assert 0 <= box.y < box.y + box.height <= sheet.height
        others = [other for other in sheet.boxes if other is not box]
        for other in others:
            apart_x = abs(box.x - other.x) >= WIDTH
            assert apart_x or abs(box.y - other.y) >= box.height, (box.stage.key, other.stage.key)


@LAWS
def test_every_move_is_an_arrow_but_those_that_the_page_says_it_leaves_out(law: Procedure) -> None:
    drawn = {
        (move.source, move.target) for move in law.moves if move.event not in UNDRAWN and move.back is not Back.DOCUMENT
    }
    arrows = [(arrow.source.key, arrow.target.key) for arrow in picture(law).arrows]
    assert sorted(arrows) == sorted(drawn)


@LAWS
def test_an_arrow_begins_and_ends_at_its_stages_and_runs_through_no_other(law: Procedure) -> None:
    sheet = picture(law)
    boxes = {box.stage.key: box for box in sheet.boxes}
    for arrow in sheet.arrows:
        points = corners(arrow.path)
        for (x, y), key in ((points[0], arrow.source.key), (points[-1], arrow.target.key)):
            box = boxes[key]
            assert box.x <= x <= box.x + WIDTH, key
            assert box.y <= y <= box.y + box.height, key
        for (x, y), (to_x, to_y) in pairwise(points):
            assert x == to_x or y == to_y
            for step in range(201):
                at = (x + (to_x - x) * step / 200, y + (to_y - y) * step / 200)
                hit = [box.stage.key for box in sheet.boxes if inside(box, *at)]
                assert hit == [], (arrow.source.key, arrow.target.key, hit)


@LAWS
def test_an_arrow_along_a_level_runs_within_it_or_between_two_and_not_upon_its_edge(law: Procedure) -> None:
    sheet = picture(law)
    edges = [edge for lane in sheet.lanes for edge in (lane.y, lane.y + lane.height)]
    assert edges == sorted(edges)
    for arrow in sheet.arrows:
        for (x, y), (to_x, to_y) in pairwise(corners(arrow.path)):
            if y == to_y:
                assert min(abs(edge - y) for edge in edges) > 3, (arrow.source.key, arrow.target.key, x, to_x)


@LAWS
def test_a_dossier_goes_from_left_to_right_or_to_another_level_and_turns_back_only_where_it_is_sent_back(
    law: Procedure,
) -> None:
    sheet = picture(law)
    boxes = {box.stage.key: box for box in sheet.boxes}
    for arrow in sheet.arrows:
        if not arrow.back:
            assert boxes[arrow.source.key].x <= boxes[arrow.target.key].x


def test_the_picture_counts_what_its_links_list_and_has_a_table_beside_it(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    office.at_district("14101")
    office.at_district("14201")
    office.judged("75")
    office.go("2025-06-17 09:00")
    client = shown(office)
    html = client.get("/procedure").text
    svg = html[html.index('<svg class="picture"') : html.index("</svg>")]
    assert 'aria-label="Huyện đánh giá: 2, 2 trễ (hồ sơ)"' in svg
    assert "<title id=" in svg
    assert "<desc id=" in svg
    links = dict(re.findall(r'<a href="([^"]+)" aria-label="[^:]+: (\d+)[^"]*hồ sơ', svg))
    assert sorted(links.values()) == ["1", "2"]
    for href, number in links.items():
        assert total(client.get(href.replace("&amp;", "&")).text) == int(number)
    assert [number for _, number in numbers(html)] == [2, 2, 1]
    assert "Huyện đã có kết quả huyện 0 0 phân luồng theo điểm Chuyển bước theo quy trình: Chờ gửi tỉnh" in text(
        client, "/procedure"
    )


def test_another_procedure_is_shown_without_dossiers_and_says_so(sqlite_engine: Engine) -> None:
    client = shown(an_office(sqlite_engine))
    said = text(client, "/procedure?law=qd26_renewal")
    assert "Chu trình ND2025 không theo quy trình này; hình không có số hồ sơ." in said
    assert "Lấy ý kiến hội đồng bằng văn bản" in said
    assert 'class="count' not in client.get("/procedure?law=qd26_renewal").text
    assert client.get("/procedure?law=qd1").status_code == 404
