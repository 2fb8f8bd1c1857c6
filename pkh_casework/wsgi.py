import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections

from pkh_casework.errors import with_content_type

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pkh_casework.settings")

application = with_content_type(get_wsgi_application())

# Only here, where requests are served: a migration or a load may take as long as it takes.
options = connections["default"].settings_dict["OPTIONS"]
options["options"] = f"{settings.WEB_DATABASE_LIMITS} {options.get('options', '')}".strip()
