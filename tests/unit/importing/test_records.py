"""From tables to agents, customers and tasks; and what is told about cells that do not fit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit.errors import ConfigurationError
from assignkit.importing.agents import read_agents
from assignkit.importing.declared import read_declared, schema_of
from assignkit.importing.items import read_items
from assignkit.importing.problems import FileError
from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.task import Task

Write = Callable[..., Path]
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(content: str, name: str = "rows.csv") -> Path:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return write_file


def refused(read: Callable[..., object], path: Path, **options: object) -> str:
    with pytest.raises(FileError) as caught:
        read(path, **options)
    return str(caught.value).replace(f"{path.parent}/", "")


def test_agents_are_read_with_all_they_have(write: Write) -> None:
    path = write(
        "id,name,teams,skills,capacity,weight,zone,manager,languages,active,level,location,hired_at,region\n"
        "li,Li,East; Key,negotiation:4;chat,30,2,Asia/Shanghai,wang,zh;en,yes,4,31.2;121.5,2020-01-02,CN-1\n"
        "wu,Wu,,,customers:5;tasks:2.5,,,,,no,,,,\n"
    )

    li, wu = read_agents(path, zone="Asia/Shanghai").records

    assert (li.id, li.name, li.teams, li.skills) == ("li", "Li", {"East", "Key"}, {"negotiation": 4, "chat": 1})
    assert (li.capacity, li.weight, li.zone, li.manager) == ({"customers": 30}, 2, "Asia/Shanghai", "wang")
    assert (li.languages, li.active, li.level, li.location) == (("zh", "en"), True, 4, (31.2, 121.5))
    assert li.hired_at == datetime(2020, 1, 2, tzinfo=SHANGHAI)
    assert li.region == "CN-1"  # type: ignore[attr-defined]
    assert (wu.capacity, wu.active, wu.weight) == ({"customers": 5, "tasks": 2.5}, False, 1)


def test_a_plain_capacity_is_for_the_kind_that_is_assigned(write: Write) -> None:
    path = write("id,capacity\nli,3\n")

    assert read_agents(path, kind="tasks").records[0].capacity == {"tasks": 3}


def test_json_agents_say_their_skills_as_objects_or_as_text(write: Write) -> None:
    path = write('{"id": 1, "skills": {"chat": 2}, "capacity": 3}\n{"id": 2, "skills": "chat:3"}\n', "a.jsonl")

    first, second = read_agents(path).records

    assert (first.id, first.skills, first.capacity) == ("1", {"chat": 2}, {"customers": 3})
    assert second.skills == {"chat": 3}


def test_identity_and_team_may_stand_in_columns_of_any_name(write: Write) -> None:
    path = write("Sales Agent,manager,Regional Office,teams\nAnna,Dustin,Central,Chat\nMoses,Dustin,,\n")

    anna, moses = read_agents(path, id_column="Sales Agent", team_column="regional_office").records

    assert (anna.id, anna.teams, moses.teams) == ("Anna", {"Central", "Chat"}, frozenset())
    assert anna.sales_agent == "Anna"  # type: ignore[attr-defined]
    assert anna.regional_office == "Central"  # type: ignore[attr-defined]


def test_hours_and_absences_are_read_as_the_model_reads_them(write: Write) -> None:
    (agent,) = read_agents(write("id,shifts,leaves\nli,mon-fri 9:00-18:00,2026-12-24 to 2026-12-31\n")).records

    assert agent.shifts == "mon-fri 09:00-18:00"
    assert [leave.until for leave in agent.leaves] == [date(2026, 12, 31)]
    assert agent.model_extra == {}
    message = refused(read_agents, write("id,shifts\nli,always\n"))
    assert message.startswith("rows.csv:2:4: error[AK609]: column `shifts`: ")


def test_chinese_headers_are_the_fields_they_name(write: Write) -> None:
    customer = read_items(write("编号,名称,省份,收入\nc1,华东机电,上海,100\n")).records[0]

    assert (customer.id, customer.model_dump(include={"name", "province", "revenue"})) == (
        "c1",
        {"name": "华东机电", "province": "上海", "revenue": 100},
    )


def test_built_in_fields_keep_their_types_whatever_a_column_looks_like(write: Write) -> None:
    path = write('id,phones,tier,revenue,tags,created_at,name\n1,13800138000,1,"1,234,567",a;b,21.11.2026 08:30,true\n')

    (customer,) = read_items(path, zone="Asia/Shanghai").records

    assert isinstance(customer, Customer)
    assert (customer.phones, customer.tier, customer.revenue) == (("13800138000",), "1", 1_234_567)
    assert (customer.tags, customer.name) == (("a", "b"), "true")
    assert customer.created_at == datetime(2026, 11, 21, 8, 30, tzinfo=SHANGHAI)


def test_other_columns_become_fields_of_the_inferred_kind(write: Write) -> None:
    imported = read_items(write("id,Deal Size,vip,signed,seen,empty\n1,5,yes,2026-11-21,2026-11-21 09:00,\n2,,no,,,\n"))

    first, second = imported.records

    assert first.model_extra == {
        "deal_size": 5,
        "vip": True,
        "signed": date(2026, 11, 21),
        "seen": datetime(2026, 11, 21, 9, tzinfo=ZoneInfo("UTC")),
    }
    assert second.model_extra == {"vip": False}
    assert imported.fields == {
        "deal_size": Decimal,
        "vip": bool,
        "signed": date,
        "seen": datetime,
        "empty": type(None),
    }


def test_tasks_are_tasks(write: Write) -> None:
    (task,) = read_items(write("id,customer,priority\n7,42,3\n"), kind="tasks").records

    assert isinstance(task, Task)
    assert (task.id, task.customer, task.priority) == ("7", "42", 3)


def test_an_unknown_kind_is_refused(write: Write) -> None:
    with pytest.raises(ConfigurationError, match="no kind of item `deals`"):
        read_items(write("id\n1\n"), kind="deals")


def test_columns_that_the_desk_keeps_itself_are_left_out_and_told(write: Write) -> None:
    agents = read_agents(write("id,load,version,name,姓名\nli,5,3,Li,Lee\n"))

    assert agents.records[0].version == 0
    assert agents.records[0].model_extra == {}
    assert [note.message.partition(": ")[2].partition(" is left")[0] for note in agents.notes] == [
        "column `load`",
        "column `version`",
        "column `姓名`",
    ]


def test_another_identity_column_wins_over_id(write: Write) -> None:
    imported = read_items(write("id,Prospect ID\n1,a\n2,b\n"), id_column="Prospect ID")

    assert [item.id for item in imported.records] == ["a", "b"]
    assert imported.fields == {"prospect_id": str}
    assert "column `id` is left out" in imported.notes[0].message


def test_a_name_may_be_the_identity(write: Write) -> None:
    (agent,) = read_agents(write("name,level\nAnna,3\n"), id_column="name").records

    assert (agent.id, agent.name) == ("Anna", "Anna")


@pytest.mark.parametrize(
    ("header", "cell", "expected"),
    [
        (
            "capacity",
            "many",
            "expected a number of items, such as 30, or one per kind: customers:30;tasks:10; found `many`",
        ),
        ("capacity", "customers:many", "customers:30;tasks:10; found"),
        ("capacity", "0", "greater than 0; found `0`"),
        ("weight", "-1", "greater than 0; found `-1`"),
        ("weight", "heavy", "expected a number"),
        ("skills", "chat:good", "expected names with levels"),
        ("zone", "Mars/Base", "there is no time zone `Mars/Base`"),
        ("active", "perhaps", "expected yes or no; found `perhaps`"),
        ("location", "north", "expected latitude and longitude"),
        ("location", "91;0", "less than or equal to 90"),
        ("hired_at", "soon", "expected a date like 2026-11-21"),
        ("hired_at", "03/04/2026", "--dates dmy"),
        ("presence", "asleep", "'online', 'away' or 'offline'"),
        ("level", "1,234", "expected a number"),
    ],
)
def test_a_cell_that_does_not_fit_is_told_with_its_place(write: Write, header: str, cell: str, expected: str) -> None:
    message = refused(read_agents, write(f'id,{header}\nli,\nwu,"{cell}"\n'))

    assert message.startswith("rows.csv:3:4: error[AK6")
    assert f"column `{header}`" in message
    assert expected in message


def test_all_cells_that_do_not_fit_are_told_at_once_in_order(write: Write) -> None:
    message = refused(read_agents, write("id,capacity,weight\nli,many,1\nwu,1,none\nma,few,x\n"))

    places = [line.partition(": ")[0] for line in message.splitlines() if "error[" in line]
    assert places == ["rows.csv:2:4", "rows.csv:3:6", "rows.csv:4:4", "rows.csv:4:8"]


def test_only_twenty_cells_are_told_and_the_others_counted(write: Write) -> None:
    message = refused(read_items, write("id,revenue\n" + "".join(f"{n},much\n" for n in range(50))))

    assert message.count("error[AK609]") == 20
    assert "and 30 more like these" in message


def test_a_bad_cell_in_json_is_found_in_its_line(write: Write) -> None:
    message = refused(read_items, write('{"id": "a"}\n{"id": "b", "revenue": "much"}\n', "rows.jsonl"))

    assert message.startswith("rows.jsonl:2:24: error[AK609]: column `revenue`: expected a number")


def test_json_values_of_another_type_are_read_or_told(write: Write) -> None:
    first, second = read_items(
        write('{"id": 1, "tier": 7, "tags": "a;b", "revenue": "5"}\n{"id": 2}\n', "r.jsonl")
    ).records

    assert (first.model_dump(include={"tier", "tags", "revenue"})) == {"tier": "7", "tags": ("a", "b"), "revenue": 5}
    assert second.id == "2"
    message = refused(read_items, write('{"id": 1, "name": true}\n{"id": 2, "tags": {}}\n', "r.jsonl"))
    assert "r.jsonl:1:19: error[AK609]: column `name`" in message
    assert "r.jsonl:2:19: error[AK609]: column `tags`" in message


@given(st.binary(max_size=120), st.sampled_from(["rows.csv", "rows.jsonl", "rows.json"]))
def test_any_bytes_are_agents_or_a_located_refusal(data: bytes, name: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            read_agents(path, zone="Asia/Shanghai")
        except FileError as error:
            assert error.diagnostics  # noqa: PT017 - both ways out are right


CELLS = st.sampled_from(
    ["", "1", "9" * 5000, "1e99", "-0", "yes", "a:b;c", "a:1;b", "2026-11-21", "03/04/2026", "31;121", "中"]
)


@given(
    st.lists(st.sampled_from([*Agent.model_fields, "Extra", "负载"]), min_size=1, max_size=5),
    st.lists(st.lists(CELLS, min_size=6, max_size=6), max_size=4),
)
def test_any_cells_in_any_columns_are_agents_or_a_located_refusal(headers: list[str], rows: list[list[str]]) -> None:
    lines = [["id", *headers], *([f"a{n}", *row[: len(headers)]] for n, row in enumerate(rows))]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "agents.csv"
        path.write_text("\n".join(",".join(line) for line in lines), encoding="utf-8")
        try:
            agents = read_agents(path).records
        except FileError as error:
            assert all(found.location for found in error.diagnostics)  # noqa: PT017 - both ways out are right
        else:
            assert [agent.id for agent in agents] == [f"a{n}" for n in range(len(rows))]


def test_a_column_that_clashes_with_a_field_says_how_to_rename_it(write: Write) -> None:
    message = refused(read_items, write("id,score\n1,B+\n"))

    assert "if the column is not `customer.score`, give it another header" in message


def test_a_schema_file_decides_types(write: Write) -> None:
    declared = read_declared(write('{"customers": {"grade": "text", "seats": "number"}}', "schema.json"))
    schema = schema_of(declared, {"customers": {"vip": bool, "empty": type(None)}})
    assert {"grade", "seats", "vip", "empty", "province"} <= schema.items["customers"].fields.keys()

    customer = read_items(write("id,grade,seats\n1,5,007\n"), schema=schema).records[0]

    assert customer.model_extra == {"grade": "5", "seats": 7}
    assert "column `seats`: expected a number" in refused(read_items, write("id,seats\n1,few\n"), schema=schema)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", ["schema.json:1:2", "this is not JSON"]),
        ("[]", ["holds no object"]),
        ('{"customers": 1}', ["schema.json:1:2", "needs its fields"]),
        ('{"customers": {"vip": "bit"}}', ["schema.json:1:16", "there is no type `bit` for `customer.vip`"]),
        ('{"customers": {"score": "text"}}', ["schema.json:1:16", "`customer.score` is built in as a number"]),
    ],
)
def test_a_wrong_schema_file_is_refused_at_the_place(write: Write, text: str, told: list[str]) -> None:
    message = refused(read_declared, write(text, "schema.json"))

    assert [part for part in told if part not in message] == []
