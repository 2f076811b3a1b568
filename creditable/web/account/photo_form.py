"""The form for a photo or scan."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditable.people.picture import LARGEST


class PhotoForm(forms.Form):
    """A photo or scan."""

    file = forms.FileField(
        label=gettext_lazy("A photo or scan of it"),
        help_text=gettext_lazy("JPEG or PNG, at most 10 MB. All four corners should be in it."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png"}),
        error_messages={
            "required": gettext_lazy("Choose a photo or scan."),
            "missing": gettext_lazy("Choose a photo or scan."),
            "invalid": gettext_lazy("Choose a photo or scan."),
            "empty": gettext_lazy("This file is empty."),
        },
    )

    def clean_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if file.size is None or file.size > LARGEST:
            raise forms.ValidationError(_("This file is larger than 10 MB. Choose a smaller one."))
        return file
