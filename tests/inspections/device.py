"""A device without a browser: takes a visit along and sends records and pieces as the page does."""

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass, field

from django.test import Client
from django.urls import reverse

from inspections.models import TaskLease
from tests.factories.accounts import sign_in
from tests.factories.inspections import STROKES, png

PICTURE = "data:image/png;base64," + base64.b64encode(png()).decode()
AUTOSAVE = {"X-Requested-With": "autosave"}


def sha(data: bytes | str) -> str:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


@dataclass
class Device:
    member: object
    client: Client = field(default_factory=Client)
    seq: int = 0
    sent: list[str] = field(default_factory=list)
    lease: int = 0

    def take(self, task):
        sign_in(self.client, self.member)
        answer = self.client.post(
            reverse("inspections:take_along", args=[task.pk]), headers=AUTOSAVE
        )
        self.lease = answer.json()["id"]
        return self

    @property
    def row(self) -> TaskLease:
        return TaskLease.objects.get(pk=self.lease)

    def post(self, route, data=None, **headers):
        url = reverse(f"inspections:{route}", args=[self.lease])
        return self.client.post(url, data or {}, headers={**AUTOSAVE, **headers})

    def bundle(self):
        return self.client.get(reverse("inspections:lease_bundle", args=[self.lease])).json()

    def send(self, kind, content, *, own="", after=None, **more):
        """One record; what stands on others names everything sent before."""
        self.seq += 1
        text = json.dumps(content, ensure_ascii=False)
        own = own or str(uuid.uuid4())
        data = {"id": own, "seq": self.seq, "kind": kind, "content": text, "hash": sha(text)}
        data["after"] = " ".join(self.sent if after is None else after)
        answer = self.post("lease_record", {**data, **more})
        if answer.json().get("outcome") == "done":
            self.sent.append(own)
        return answer

    def answer(self, row, value, note="", *, version=0, **more):
        content = {"answer_id": row.pk, "answer": value, "note": note, "version": version}
        return self.send("answer", content, **more)

    def piece(self, upload, number, data, *, digest=""):
        return self.client.post(
            reverse("inspections:lease_piece", args=[self.lease]),
            data,
            content_type="application/octet-stream",
            headers={
                **AUTOSAVE,
                "X-Upload": upload,
                "X-Piece": str(number),
                "X-Sha256": digest or sha(data),
            },
        )

    def photo(self, row, data, *, cut=40_000, own="", skip=(), said=None, **more):
        upload = own or str(uuid.uuid4())
        parts = [data[at : at + cut] for at in range(0, len(data), cut)]
        for number, part in enumerate(parts):
            if number not in skip:
                assert self.piece(upload, number, part).status_code == 200
        content = {"answer_id": row.pk, "name": "现场.png", "kind": "", "upload": upload}
        content |= {"pieces": len(parts), "sha256": sha(data)} | (said or {})
        return self.send("evidence", content, own=upload, **more)

    def sign(self, shown, who="team", member=None, **more):
        password = {"password": more.pop("password")} if "password" in more else {}
        content = {"who": who, "membership": member.pk if member else None, "shown": shown}
        content |= {"image": PICTURE, "strokes": json.dumps(STROKES)}
        return self.send("signature", {**content, **more}, **password)
