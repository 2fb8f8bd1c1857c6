"""Writing down whom to talk to, and what was agreed: each entry once, with its receipt."""

from .rows import saving

save_partner = saving("mitra_partner", "Data mitra")
save_contact = saving("mitra_contact", "Kontak mitra")
save_agreement = saving("mitra_agreement", "Kesepakatan mitra")
