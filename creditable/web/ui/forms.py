"""How forms look: Django's own form rendering with our templates, so `{{ form }}` and
`{{ form.email.as_field_group }}` are in the design wherever they are written."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """settings.FORM_RENDERER names this class; "django.forms" must be among the apps."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"
