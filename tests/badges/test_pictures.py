"""Pictures of achievements: shown by others under our name, so they show themselves and nothing else."""

import base64

import pytest
from pydantic import ValidationError

from ler_issuer.badges import Image
from pictures import PNG, SVG


def image(body, media_type):
    return Image(caption="A picture", media_type=media_type, data=base64.b64encode(body).decode())


def drawn(inside):
    return f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{inside}</svg>'.encode()


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (PNG, "image/png"),
        (SVG, "image/svg+xml"),
        (drawn('<!-- a pen --><use href="#pen"/><rect fill="url(#red)"/>'), "image/svg+xml"),
        (drawn('<image href="data:image/png;base64,AAAA"/>'), "image/svg+xml"),
    ],
)
def test_a_picture_is_taken_as_it_is(body, media_type):
    assert image(body, media_type).bytes() == body


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"no picture", "image/png"),
        (PNG[:-4], "image/png"),
        (PNG, "image/svg+xml"),
        (SVG, "image/png"),
        (b"<svg/>", "image/svg+xml"),
        (b"<svg", "image/svg+xml"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, "image/svg+xml"),
        *(
            (drawn(inside), "image/svg+xml")
            for inside in (
                "<script>alert(1)</script>",
                '<rect onload="alert(1)"/>',
                '<a href="javascript:alert(1)"><rect/></a>',
                '<a xlink:href=" JavaScript:alert(1)"><rect/></a>',
                '<image href="https://elsewhere.example/x.png"/>',
                "<style>@import url(https://elsewhere.example/a.css);</style>",
                "<style>rect { fill: url(https://elsewhere.example/a) }</style>",
                '<rect style="fill: url(//elsewhere.example/a)"/>',
                "<foreignObject><p/></foreignObject>",
            )
        ),
    ],
)
def test_a_picture_that_is_none_or_does_more_is_refused(body, media_type):
    with pytest.raises(ValidationError, match="fit to show"):
        image(body, media_type)
