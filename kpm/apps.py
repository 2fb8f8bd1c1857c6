from django.apps import AppConfig


class KpmConfig(AppConfig):
    name = "kpm"
    verbose_name = "keluarga penerima manfaat"

    # What an office does not take along (roster.office): model or model.field, and why.
    left_behind = {
        "LevelMonth": "counted from the scores, by roll_up",
    }

    # Dated master data, loaded by `manage.py load_master`: file under data/, model, natural key.
    master_data = [
        ("komponen.csv", "Component", ["code"]),
        ("indeks_bantuan.csv", "ComponentRate", ["component", "valid_from"]),
        ("alasan_perubahan.csv", "CaseReason", ["code"]),
        ("batas_keluarga.csv", "CaseLimit", ["code", "valid_from"]),
        ("umur_komponen.csv", "ComponentAge", ["component", "valid_from"]),
        ("masa_komponen.csv", "ComponentSpan", ["component", "valid_from"]),
        ("aturan_bantuan.csv", "BenefitRule", ["valid_from"]),
        ("tahap.csv", "PayStage", ["key"]),
        ("masalah_bantuan.csv", "PaymentTrouble", ["key"]),
        ("instrumen.csv", "Instrument", ["version"]),
        ("dimensi.csv", "Dimension", ["key"]),
        ("indikator.csv", "Indicator", ["key"]),
        ("jangkar.csv", "Anchor", ["indicator", "level"]),
        ("ambang.csv", "Threshold", ["code", "wilayah", "valid_from"]),
        ("aturan_kesiapan.csv", "ReadinessRule", ["number"]),
        ("batas_kesiapan.csv", "ReadinessMinimum", ["rule", "code"]),
        ("jenis_graduasi.csv", "GraduationKind", ["code"]),
        ("berkas_graduasi.csv", "GraduationPaper", ["key"]),
        ("persetujuan.csv", "ConsentText", ["key"]),
        ("aturan_ganda.csv", "DuplicateRule", ["code", "valid_from"]),
        ("frasa_tujuan.csv", "GoalPhrase", ["code", "part", "text"]),
    ]
    # Which of these may be changed on screen (room master), and what they are called there.
    on_screen = {
        "Component": "Komponen PKH",
        "ComponentRate": "Besaran bantuan",
        "ComponentAge": "Umur yang wajar untuk komponen",
        "ComponentSpan": "Kapan komponen berakhir",
        "BenefitRule": "Paling banyak orang yang dibayar",
        "PayStage": "Tahap penyaluran",
        "PaymentTrouble": "Masalah penyaluran",
        "CaseReason": "Alasan perubahan keluarga",
        "CaseLimit": "Batas pada halaman keluarga",
        "Threshold": "Garis kemiskinan dan UMK",
        "DuplicateRule": "Aturan data ganda",
        "GoalPhrase": "Contoh kalimat tujuan",
    }
    # Of these one must always hold: the code asks for them by name.
    always_in_force = {"BenefitRule", "DuplicateRule"}

    def ready(self):
        from . import panels  # noqa: F401  registers them; models are there now
