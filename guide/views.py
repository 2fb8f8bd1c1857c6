from django.http import Http404
from django.views.decorators.http import require_safe

from pkh_casework.access import SIGNED_IN, access
from pkh_casework.htmx import render_page

from .chapters import chapters, text_of


@access(SIGNED_IN)
@require_safe
def contents(request):
    """Panduan: its chapters."""
    return render_page(request, "guide/contents.html", {"chapters": chapters().values()})


@access(SIGNED_IN)
@require_safe
def chapter(request, chapter):
    """The chapter with this slug, and the way to the next."""
    if chapter not in chapters():
        raise Http404
    asked = chapters()[chapter]
    after = next((one for one in chapters().values() if one.number == asked.number + 1), None)
    context = {"chapter": asked, "text": text_of(chapter), "next": after}
    return render_page(request, "guide/chapter.html", context)
