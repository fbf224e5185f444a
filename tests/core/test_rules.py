import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories.agents import TaskTemplateFactory
from tests.factories.projects import ProjectFactory

pytestmark = pytest.mark.django_db


def test_json_of_the_right_kind_or_null_is_taken():
    for tags in ([], ["a"], None):
        ProjectFactory(tags=tags)


@pytest.mark.parametrize("tags", ["{}", '"a"', "1", "null"])
def test_json_of_another_kind_is_refused(tags: str):
    with pytest.raises(IntegrityError, match="projects_tags_check"), transaction.atomic():
        execute("INSERT INTO projects (id, tags) VALUES ('p', %s)", tags)


@pytest.mark.parametrize("name", ["", " ", "   "])
def test_blank_text_is_refused(name: str):
    with pytest.raises(IntegrityError, match="task_templates_name_check"), transaction.atomic():
        TaskTemplateFactory(name=name)


def test_text_with_blanks_around_is_kept():
    assert TaskTemplateFactory(name=" a ").name == " a "


def execute(sql: str, *params: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
