"""The components: what they show, what they refuse, and that each page of the kit renders."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.http import Http404
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.safestring import mark_safe

from metrostd.common.policies import YES, Verdict
from metrostd.common.templatetags import formats, ui
from metrostd.common.templatetags.lists import query_string
from metrostd.common.views import error_preview, gallery

TODAY = dt.date(2021, 7, 12)


def draw(source: str, **context) -> str:
    return Template(source).render(Context(context))


def asked(path: str):
    return RequestFactory().get(path)


class TestFormats:
    def test_dates_read_as_in_the_notice(self):
        assert formats.cn_date(dt.date(2021, 5, 31)) == "2021年5月31日"
        assert formats.cn_day(dt.date(2021, 5, 31)) == "5月31日 周一"
        assert formats.cn_date(None) == ""

    def test_moments_are_told_in_shanghai_time(self):
        moment = dt.datetime(2021, 5, 31, 16, 30, tzinfo=dt.UTC)

        assert formats.cn_datetime(moment) == "2021年6月1日 00:30"
        assert formats.cn_date(moment) == "2021年6月1日"

    @pytest.mark.parametrize(
        ("value", "text"),
        [(22.2222, "22.22%"), ("22.225", "22.23%"), (0, "0.00%"), (None, "–"), ("", "–")],
    )
    def test_percentages_have_two_decimals_half_up(self, value, text):
        assert formats.percent2(value) == text

    @pytest.mark.parametrize(
        ("size", "text"), [(0, "0 B"), (812, "812 B"), (34816, "34 KB"), (2516582, "2.4 MB")]
    )
    def test_file_sizes(self, size, text):
        assert formats.file_size(size) == text

    def test_zero_is_a_value_and_nothing_is_a_dash(self):
        assert formats.dash(0) == 0
        assert formats.dash(None) == "–"

    def test_phone_numbers_are_masked(self):
        assert formats.mask_phone("13812345678") == "138****5678"
        assert formats.mask_phone("12345") == "*****"
        assert formats.mask_phone(None) == ""


class TestActions:
    SOURCE = '{% action_button url="/go/" label="提交" verdict=verdict confirm=confirm note=note %}'

    def test_an_allowed_action_is_a_form_that_posts_with_the_token(self):
        html = draw(self.SOURCE, verdict=YES, confirm="", note=False, csrf_token="token-1")

        assert '<form class="action-form" method="post" action="/go/">' in html
        assert 'value="token-1"' in html
        assert "disabled" not in html

    def test_a_refused_action_stays_visible_with_its_reason(self):
        html = draw(self.SOURCE, verdict=Verdict("缺少签名"), confirm="", note=False)

        key = html.split('aria-describedby="')[1].split('"')[0]
        assert "disabled" in html
        assert f'<small class="why" id="{key}">缺少签名</small>' in html
        assert "<form" not in html

    def test_a_confirmation_is_carried_by_the_form(self):
        html = draw(self.SOURCE, verdict=YES, confirm="确定提交吗？", note=False)

        assert 'data-confirm="确定提交吗？"' in html

    def test_a_note_is_asked_for_without_any_script(self):
        html = draw(self.SOURCE, verdict=YES, confirm="", note=True)

        assert "<details" in html
        assert 'name="note"' in html
        assert "required" in html

    def test_a_link_without_verdict_is_a_link(self):
        assert 'href="/x/"' in draw('{% link_button url="/x/" label="查看" %}')

    @pytest.mark.parametrize(
        "source",
        [
            '{% action_button url="/" label="x" verdict=v tnoe="danger" %}',
            '{% action_button url="/" label="x" verdict=v tone="purple" %}',
            '{% status_badge label="x" tone="purple" %}',
            '{% panel titel="x" %}{% endpanel %}',
            '{% chart id="x" options=v label="x" height="huge" %}',
            '{% filter_search name="q" label="x" request=v kind="color" %}',
        ],
    )
    def test_a_misspelt_argument_or_value_is_an_error(self, source):
        with pytest.raises(TemplateSyntaxError):
            draw(source, v=YES)


class TestStates:
    @pytest.mark.parametrize("tone", list(ui.TONE_ICONS))
    def test_a_badge_has_icon_word_and_colour(self, tone):
        html = draw('{% status_badge label="状态词" tone=tone %}', tone=tone)

        assert f"state-{tone}" in html
        assert f"ti-{ui.TONE_ICONS[tone]}" in html
        assert "状态词" in html

    @pytest.mark.parametrize(
        ("answer", "word"),
        [
            ("conform", "符合"),
            ("deficient", "有缺陷"),
            ("nonconform", "不符合"),
            ("not_applicable", "不适用"),
            ("", "未填"),
            (None, "未填"),
        ],
    )
    def test_answers_are_told_in_the_words_of_the_checklist(self, answer, word):
        assert word in draw("{% answer_badge answer=answer %}", answer=answer)

    def test_a_kept_badge_says_marked_and_unmarked_text_each_its_own_way(self):
        drawn = [
            draw('{% status_badge label=label tone="ok" %}', label=text)
            for text in (mark_safe("<b>合格</b>"), "<b>合格</b>", mark_safe("<b>合格</b>"))
        ]

        assert "<b>合格</b>" in drawn[0]
        assert "&lt;b&gt;合格" in drawn[1]
        assert "<b>合格</b>" in drawn[2]

    def test_a_state_badge_asks_the_object(self):
        obj = SimpleNamespace(get_state_display=lambda: "待审核", state_tone="running")

        html = draw("{% state_badge obj=obj %}", obj=obj)

        assert "待审核" in html
        assert "state-running" in html

    @pytest.mark.parametrize(("value", "toned"), [(0, False), (2, True)])
    def test_a_figure_of_nothing_gives_no_alarm(self, value, toned):
        html = draw('{% stat value=value label="逾期" tone="bad" %}', value=value)

        assert ("stat-bad" in html) is toned

    @pytest.mark.parametrize(
        ("days", "text", "tone"),
        [
            (-3, "逾期 3 天", "bad"),
            (0, "今天", "warn"),
            (3, "还有 3 天", "warn"),
            (5, "还有 5 天", "muted"),
        ],
    )
    def test_countdowns(self, days, text, tone):
        due = TODAY + dt.timedelta(days=days)

        html = draw("{% countdown due=due on=on %}", due=due, on=TODAY)

        assert text in html
        assert f"countdown-{tone}" in html

    def test_a_moment_late_in_the_day_still_counts_as_that_day(self):
        due = dt.datetime(2021, 7, 12, 15, 59, tzinfo=dt.UTC)

        assert "今天" in draw("{% countdown due=due on=on %}", due=due, on=TODAY)

    def test_counts_lead_to_their_records_and_nothing_is_a_dash(self):
        assert draw('{% count_link value=0 url="/r/" %}') == '<a class="count" href="/r/">0</a>'
        assert "–" in draw('{% count_link value=None url="/r/" %}')
        assert draw('{% count_link value="22.22%" %}') == "22.22%"

    def test_a_progress_of_nothing_does_not_divide_by_zero(self):
        html = draw("{% progress_bar done=0 total=0 %}")

        assert 'max="1"' in html
        assert 'style="' not in html


class TestSheets:
    def test_the_chosen_answer_is_checked_and_the_rest_is_not(self):
        choices = [("conform", "未发现"), ("nonconform", "发现")]

        html = draw(
            '{% choice_buttons name="answer" choices=choices value="nonconform" %}',
            choices=choices,
        )

        assert html.count(" checked") == 1
        assert 'value="nonconform" checked' in html
        assert "未发现" in html

    def test_phrases_are_buttons_that_do_not_submit(self):
        html = draw("{% stock_phrases phrases=phrases %}", phrases=["证明过期"])

        assert 'type="button" data-phrase="证明过期"' in html


class TestLists:
    def test_pages_keep_the_filter_of_the_address(self):
        page = Paginator(range(500), 50).get_page(3)
        request = asked("/units/?district=xq&page=3")

        html = draw("{% pager page=page request=request %}", page=page, request=request)

        assert "共 500 条，第 101–150 条" in html
        assert 'href="?district=xq&amp;page=4"' in html
        assert 'aria-current="page">3<' in html

    def test_one_page_shows_no_page_links(self):
        page = Paginator(range(3), 50).get_page(1)

        html = draw("{% pager page=page request=request %}", page=page, request=asked("/"))

        assert "共 3 条" in html
        assert "<ul>" not in html

    @pytest.mark.parametrize(
        ("now", "target", "word"),
        [("", "sort=due", ""), ("due", "sort=-due", "升序"), ("-due", "sort=due", "降序")],
    )
    def test_a_column_sorts_up_then_down(self, now, target, word):
        request = asked(f"/?q=x&page=2&sort={now}")

        html = draw('{% sort_link field="due" label="到期日" request=r %}', r=request)

        assert f"q=x&amp;{target}" in html
        assert "page=" not in html
        assert word in html

    def test_filters_keep_what_was_entered(self):
        source = (
            "{% filter_bar request=r %}"
            '{% filter_search name="q" label="单位" request=r %}'
            '{% filter_select name="d" label="辖区" choices=choices request=r %}'
            "{% endfilter_bar %}"
        )

        html = draw(source, r=asked("/u/?q=精密&d=2&sort=-due"), choices=[(1, "和平"), (2, "西青")])

        assert 'value="精密"' in html
        assert '<option value="2" selected>西青</option>' in html
        assert 'name="sort" value="-due"' in html
        assert "清除条件" in html

    def test_an_untouched_filter_offers_nothing_to_clear(self):
        html = draw("{% filter_bar request=r %}{% endfilter_bar %}", r=asked("/u/?sort=due"))

        assert "清除条件" not in html

    def test_changes_replace_and_remove_parameters(self):
        request = asked("/?a=1&b=2")

        assert query_string(request, a=3, b=None) == "?a=3"


class TestEscaping:
    def test_words_of_people_are_escaped_everywhere(self):
        entry = SimpleNamespace(
            at=dt.datetime(2021, 7, 12, 6, 32, tzinfo=dt.UTC),
            actor_label="<b>甲",
            action_label="提交",
            note="<script>x</script>",
            before_label="",
            after_label="",
        )

        html = draw(
            "{% timeline entries=entries %}{% panel title=bad %}x{% endpanel %}"
            "{% fact label=bad value=bad %}{% count_link value=bad url=bad %}"
            "{% chart id='c' options=options label=bad %}",
            entries=[entry],
            bad="<script>y",
            options={"label": "</script><script>z"},
        )

        assert "<script>x" not in html
        assert "<script>y" not in html
        assert "<script>z" not in html
        assert "<b>甲" not in html

    def test_a_panel_keeps_the_markup_inside_it(self):
        html = draw("{% panel title='待办' tone='bad' %}<p>内容</p>{% endpanel %}")

        assert "<p>内容</p>" in html
        assert "panel-bad" in html


ERRORS = ["400", "403", "403_csrf", "404", "409", "422", "500"]


class TestErrorPages:
    @pytest.mark.parametrize("name", ["400", "500"])
    def test_pages_that_get_no_context_render_without_any(self, name):
        html = render_to_string(f"{name}.html")

        assert "回到工作台" in html

    @pytest.mark.parametrize("name", ["403", "403_csrf", "404", "409", "422"])
    def test_htmx_gets_a_short_alert_instead_of_a_page(self, name):
        context = {"exception": "原因", "reasons": ["原因"], "current_url": "/now/"}
        request = SimpleNamespace(htmx=True)

        short = render_to_string(f"{name}.html", {**context, "request": request})
        full = render_to_string(f"{name}.html", {**context, "request": SimpleNamespace(htmx=False)})

        assert "<html" not in short
        assert 'role="alert"' in short
        assert "<html" in full

    def test_a_refusal_shows_its_reason_and_a_conflict_leads_to_the_record(self):
        request = SimpleNamespace(htmx=False)

        refused = render_to_string("403.html", {"exception": "只有组长可以", "request": request})
        changed = render_to_string(
            "409.html", {"reasons": ["已提交"], "current_url": "/now/", "request": request}
        )

        assert "只有组长可以" in refused
        assert 'href="/now/"' in changed


class TestGallery:
    @pytest.mark.django_db
    @pytest.mark.parametrize("show", ["parts", "desk", "sheet", "annex"])
    def test_each_composition_renders_with_nothing_inline(self, rf, settings, show):
        settings.DEBUG = True
        request = rf.get("/_gallery/", {"show": show})
        request.user, request.htmx = AnonymousUser(), False

        html = gallery(request).content.decode()

        assert ' style="' not in html
        assert " onclick=" not in html
        assert "<script>" not in html

    def test_there_is_no_gallery_outside_debug_mode(self, rf):
        with pytest.raises(Http404):
            gallery(rf.get("/"))
        with pytest.raises(Http404):
            error_preview(rf.get("/"), "404")
