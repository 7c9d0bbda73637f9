"""A test database that holds a small published city; each test sees it and leaves no trace."""

import django
import pytest
from tests.web import city

django.setup()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, tmp_path_factory):
    from dualcarbon_web.accounting.analyses.services import analyse
    from dualcarbon_web.accounting.models import Account
    from dualcarbon_web.control.services import publish_all

    data = city.write(tmp_path_factory.mktemp("city"))
    with django_db_blocker.unblock():
        publish_all(city.PLAN, list(city.DATES), data)
        analyse(Account.objects.get(), data)


@pytest.fixture
def editions(db) -> list[str]:
    """The ids of the published editions, oldest first."""
    from dualcarbon_web.control.models import Edition

    return list(Edition.objects.order_by("on").values_list("pk", flat=True))
