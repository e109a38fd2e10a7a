"""What people ask, in benchmarks."""

from __future__ import annotations

CONVERSATION = (
    "Bonjour",
    "J'ai perdu le mot de passe de la boite mail administrative",
    "c koi la capacité de la nvelle boite ?",
    "oui",
    "puis-je rediriger les mails vers mon adresse gmail",
    "quelle heure est-il à Tokyo",
    "et pourquoi ?",
    "quelle est l'adresse de l'école FASE 5464",
)
MESSAGES = (
    *CONVERSATION,
    "Madame, Monsieur, notre internat n'est pas connu dans MODE, comment récupérer l'accès à la BMA ?",
    "merci",
)
