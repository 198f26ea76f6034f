from django.db import migrations

from quarterday.shared.protection import keep_words_apart


class Migration(migrations.Migration):
    dependencies = [
        ("bills", "0002_downloads_and_orders"),
        ("shared", "0003_erasure_changes_words_and_nothing_else"),
    ]

    operations = [keep_words_apart("bills_billdownload", "downloaded_by")]
