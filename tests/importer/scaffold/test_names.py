"""Names for generated code: whatever a file calls things, Python, Django and PostgreSQL take what comes of it."""

from __future__ import annotations

import keyword

import pytest
from django.db.models import Model
from hypothesis import given
from hypothesis import strategies as st

from apps.importer.scaffold import names


@pytest.mark.parametrize(
    ("legacy", "field", "model"),
    [
        ("name", "name", "Name"),
        ("userId", "user_id", "UserId"),
        ("HTTPStatus", "http_status", "HttpStatus"),
        ("order items", "order_items", "OrderItems"),
        ("a__b", "a_b", "AB"),
        ("_x_", "x", "X"),
        ("class", "class_field", "Class"),
        ("None", "none", "NoneTable"),
        ("pk", "pk_field", "Pk"),
        ("id", "id_field", "Id"),
        ("check", "check_field", "Check"),
        ("save", "save_field", "Save"),
        ("objects", "objects_field", "Objects"),
        ("models", "models_field", "ModelsTable"),
        ("xmin", "xmin_field", "Xmin"),
        ("2020", "column_2020", "Table2020"),
        ("姓名", "姓名", "Table姓名"),
        ("Straße", "straße", "Straße"),
        ("ﬁeld", "field", "Field"),
        ('"; DROP TABLE x; --', "drop_table_x", "DropTableX"),
        ("", "column_7", "Table7"),
        ("🙂", "column_7", "Table7"),
        ("____", "column_7", "Table7"),
    ],
)
def test_names(legacy: str, field: str, model: str) -> None:
    assert names.field_name(legacy, 7, ()) == field
    assert names.class_name(legacy, 7, ()) == model


def test_names_that_come_out_the_same_are_numbered() -> None:
    assert names.field_name("a-b", 2, {"a_b"}) == "a_b_2"
    assert names.field_name("a b", 3, {"a_b", "a_b_2"}) == "a_b_3"
    assert names.class_name("Order-Items", 2, {"orderitems"}) == "OrderItems2"


@pytest.mark.parametrize("legacy", ["userId", "a b", "2020", "姓名", "ID", "a.b", "x" * 63, "it's"])
def test_a_column_keeps_its_legacy_name(legacy: str) -> None:
    assert names.column_name(legacy, "other", ()) == legacy


@pytest.mark.parametrize("legacy", ["a%s", 'x"y', "a\nb", "", " ", "xmin", "姓" * 22, "x" * 64, "a\x00"])
def test_a_column_that_would_do_harm_is_called_otherwise(legacy: str) -> None:
    assert names.column_name(legacy, "other", ()) == "other"
    assert names.column_name(legacy, "other", {"other"}) == "other_2"


def test_long_names_are_cut_and_stay_different() -> None:
    first, second = (names.relation_name(["app", "姓" * 40 + end], ()) for end in "ab")
    assert first != second
    assert all(len(name.encode()) <= 63 for name in (first, second))
    assert names.relation_name(["app", "t"], {"app_t"}) == "app_t_2"
    assert names.relation_name(["app", "t", "a"], (), "key") == "app_t_a_key"


@given(st.text(max_size=80))
def test_any_name_comes_out_usable(legacy: str) -> None:
    field, model = names.field_name(legacy, 1, ()), names.class_name(legacy, 1, ())
    assert field.isidentifier()
    assert not keyword.iskeyword(field)
    assert not hasattr(Model, field)
    assert "__" not in field
    assert not field.endswith("_")
    assert field == field.lower()
    assert model.isidentifier()
    assert model[0].isupper()
    assert "_" not in model
    namespace: dict[str, object] = {}
    exec(f"class {model}:\n    {field} = 1", namespace)  # noqa: S102 - that Python takes it is the point
    assert field in vars(namespace[model])
