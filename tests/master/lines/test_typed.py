from forkproxy.master.lines.typed import Field, Sort, json_fields, typed_fields

FIELDS = [Field(0, "Name", "forkproxy", Sort("P", "O", "S")), Field(3, "x", 5, Sort("M", "C", "P"))]


def test_typed_is_one_value_a_line():
    assert typed_fields(FIELDS, "F.2.0.") == [
        "F.2.0.0.Name.1:POS:str:forkproxy",
        "F.2.0.3.x.1:MCP:u64:5",
    ]


def test_json_names_the_tags():
    first, second = json_fields(FIELDS, id=4)
    assert first == {
        "id": 4,
        "field": {"pos": 0, "name": "Name"},
        "processNum": 1,
        "tags": {"origin": "Product", "nature": "Output", "scope": "Service"},
        "value": {"type": "str", "value": "forkproxy"},
    }
    assert second["value"] == {"type": "u64", "value": 5}


def test_a_negative_number_has_its_type():
    assert Sort("M", "G", "P").kind(-1) == "s32"
