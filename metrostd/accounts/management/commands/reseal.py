"""``manage.py reseal``: everything sealed is sealed anew with the first of FIELD_KEYS."""

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from metrostd.common.sealing import resealed, sealed_columns


class Command(BaseCommand):
    help = "用 FIELD_KEYS 的第一个密钥重新加密手机、邮箱、动态口令和抽取的随机数；完成后可以去掉旧密钥。"

    @transaction.atomic
    def handle(self, *args: object, **options: object) -> None:
        done = 0
        for model, columns in sealed_columns():
            for row in model._default_manager.select_for_update().order_by("pk"):
                for column in columns:
                    try:
                        setattr(row, column, resealed(getattr(row, column)))
                    except InvalidToken:
                        raise CommandError(
                            f"{row._meta.verbose_name}“{row}”用现有的密钥都打不开，没有改动任何数据。"
                            "请把原来的密钥放回 FIELD_KEYS。"
                        ) from None
                row.save(update_fields=columns)
                done += 1
        self.stdout.write(f"已重新加密 {done} 条。")
