/** Every French sentence of the widget. `{name}` is filled by `fill`. */
export const texts = {
  launcher: "Une question sur la BMA ?",
  title: "Assistant automatique BMA",
  close: "Fermer la discussion",
  conversation: "Conversation",
  intro:
    "Vous écrivez à un assistant automatique. Il répond aux questions sur la Boite Mail Administrative (BMA), d’après la page officielle.",
  privacy: "N’écrivez ni mot de passe ni autre donnée personnelle.",
  privacyLink: "Vie privée",
  examples: "Par exemple :",
  you: "Vous",
  assistant: "Assistant",
  label: "Votre question",
  send: "Envoyer",
  counter: "{count} caractères sur {limit}",
  tooLong: "Votre message compte {count} caractères ; le maximum est {limit}. Raccourcissez-le, puis envoyez-le.",
  empty: "Écrivez d’abord votre question.",
  busy: "L’assistant prépare une réponse.",
  slow: "La réponse prend plus de temps que prévu. Patientez encore un instant.",
  wait: "Attendez la réponse à votre message précédent, puis envoyez le nouveau.",
  choices: "Réponses proposées",
  more: "Autres choix",
  newWindow: "(nouvelle fenêtre)",
  pdf: "(PDF)",
  image: "Voir l’image",
  retry: "Réessayer",
  unsent: "Sans réponse pour le moment",
  silent: "L’assistant n’a pas répondu à temps. Votre message est gardé : réessayez.",
  server: "Une erreur empêche l’assistant de répondre. Votre message est gardé : réessayez.",
  unavailable: "L’assistant n’est pas disponible pour le moment. Votre message est gardé : réessayez plus tard.",
  crowded: "Trop de messages ont été envoyés en peu de temps. Votre message est gardé : réessayez dans {seconds} secondes.",
  cut: "La connexion avec l’assistant a été coupée. Votre message est gardé : réessayez.",
  offline: "Vous n’êtes pas connecté à internet. Votre message est gardé : réessayez quand la connexion sera revenue.",
  online: "La connexion est revenue. Vous pouvez réessayer.",
  refused: "L’assistant n’a pas pu lire votre message. Modifiez-le, puis envoyez-le.",
  nothing: "L’assistant n’a rien répondu. Posez votre question autrement, ou contactez le support ETNIC.",
  helpful: "Cette réponse vous aide-t-elle ?",
  yes: "Oui",
  no: "Non",
  reason: "Que manque-t-il ? (facultatif)",
  sendReason: "Envoyer l’avis",
  thanks: "Merci pour votre avis.",
  notSaved: "Votre avis n’a pas pu être enregistré.",
  erase: "Effacer la conversation",
  erased: "La conversation est effacée.",
  erasedHere:
    "La conversation est effacée dans ce navigateur, mais le serveur n’a pas confirmé l’effacement. Vous pouvez réessayer.",
  contact: "Parler à une personne : support ETNIC,",
  contactOr: "ou",
  contactPhone: "+32 (0)2/800.10.10",
  contactTel: "tel:+3228001010",
  contactMail: "support@etnic.be",
  contactPage: "page de contact",
} as const;

/** Beginnings of a conversation: titles and payloads of the project's menu (domain.yml, `utter_aide`). */
export const examples = [
  { title: "Mot de passe BMA perdu", payload: "/mot_de_passe" },
  { title: "Où lire les mails de la BMA", payload: "/acces_webmail" },
  { title: "Mon adresse mail administrative", payload: "/format_adresse" },
  { title: "Problème technique ou contact", payload: "/support_etnic" },
] as const;

/** A sentence with its `{name}`s replaced. */
export function fill(sentence: string, values: Record<string, string | number>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
