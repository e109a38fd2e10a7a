"""Words that tell an ordinary sentence from a secret: lower case, no accents."""

from __future__ import annotations

_FUNCTION = """
a ai aie ainsi alors apres as au aucun aucune aussi autre autres aux avait avant avec avez avoir avons beaucoup bien bon
bonne bonjour bonsoir c ca car ce ceci cela celle celles celui ces cet cette ceux chaque chez ci combien comme comment
contre d dans de deja depuis derriere des deux devant dire dit doit dois donc dont du elle elles en encore enfin ensuite
entre es est et etait etaient etant ete etes etre eu eux faire fait faites faudrait faut fois font hier hors ici il ils j
jamais je jusque juste l la laquelle le lequel les lesquels leur leurs lors lorsque lui m ma maintenant mais mal malgre me
meme memes mes mieux moi moins mon n ne ni non nos notre nous ok on ont or ou oui par parce parfois pas pendant peu peut
peux plus plusieurs pour pourquoi pourrait pourriez pourtant pouvez pouvoir puis puisque qu quand que quel quelle quelles
quels quelque quelques qui quoi koi rien s sa sans sauf se sera serait ses si sinon soit son sont sous souvent su suis sur
surtout t ta tant te tel telle tellement tes toi ton toujours tous tout toute toutes tres trop trois tu un une va vais vers
veut veux via voici voila voir vos votre vous vraiment vu y quelqu quelquun autant assez environ presque plutot seulement
tjs tjrs jms pk pq pcq svp stp merci mrc slt salut bjr dsl desole help aide allo hello madame monsieur mme mr not the is a
an my your for it to of and or wrong forgotten lost expired incorrect what how aujourd aujourdhui demain matin midi soir
semaine mois annee jour jours heure heures minutes lundi mardi mercredi jeudi vendredi samedi dimanche janvier fevrier mars
avril mai juin juillet aout septembre octobre novembre decembre
"""

_STATE = """
perdu perdue perdus perdues paumer oublie oubliee oublier oublies oublieee refuse refusee refuser refuses errone erronee
erreur expire expiree expirer expires perime perimee faux fausse bloque bloquee bloquer bloques verrouille invalide
invalides incorrect incorrecte inconnu inconnue valable valide valides correct correcte bon bonne juste exact exacte mauvais
mauvaise identique pareil pareille different differente obligatoire requis requise demande demandee demander demandes
necessaire introuvable inaccessible impossible possible manquant manque change changee changer changes changement modifie
modifiee modifier modification reinitialise reinitialisee reinitialiser reinitialisation reset renouvele renouveler
renouvellement recupere recuperer recuperation restaurer regenerer retrouve retrouver trouve trouver cherche chercher recu
recue recevoir reception envoye envoyee envoyer donne donnee donner fourni fournie communique cree creer creation active
activer desactive enregistre enregistrer enregistree memorise memoriser sauvegarde note noter utilise utiliser encode
encoder introduit saisi saisir tape taper entre entrer mis mettre remettre connu connue connus connaitre sais sait savoir
souviens souvenir rappelle rappeler marche marchait fonctionne fonctionnait fonctionnel passe passait accepte acceptee
accepter reconnu reconnue rejete ko hs nul mort vide egare egaree vole volee pirate piratee compromis compromise partage
partagee secret secrete confidentiel confidentielle personnel personnelle provisoire temporaire nouveau nouvelle nouveaux
ancien ancienne anciens vieux actuel actuelle premier premiere initial initiale precedent precedente dernier derniere meme
trop court courte long longue longs simple simples complexe complique compliquee faible fort forte facile difficile sensible
casse majuscule majuscules minuscule chiffre chiffres caractere caracteres lettre lettres special speciaux symbole illisible
illimite disparu disparue efface effacee supprime supprimee absent absente ancienneté prive privee public publique commun
commune unique lie liee celui celle moi suivant suivante ci-dessous ci-dessus inchange inchangee toujours jamais encore
arrive attendu prevu conserve conserver transmettre transmis transmise quitte parti partie malade pension remplace remplacee
aleatoire automatique automatiquement apparemment evidemment devenu devenue caduc caduque plu pu tjr bizarre etrange clair
claire logique normal normale ignore securise crypte masque cache vrai vraie gratuit lent stocke affiche indique propose
fixe verouille debloque conforme adapte double echu echue obsolete depasse colle copie ecrit inscrit marque rempli impose
choisi defini attribue associe prevu remis tombe down naze foutu pourri nickel top super ridicule embetant penible
cordialement bav bien-a-vous salutations stupide enorme special garde gardee apparu visible aussitot immediat redemande
revenu dedans dessus coince coincee cloche bugge plante rame beugue perime
"""

_TOPIC = """
bma bmas mode cerbere edu perso ec po fase boite boites mail mails email emails e-mail courriel courriels courrier
messagerie webmail outlook exchange office microsoft windows teams gmail hotmail google yahoo apple iphone android
thunderbird itsme csam smartschool facebook instagram whatsapp intranet wifi internet ordinateur pc mac portable tablette
smartphone gsm telephone navigateur chrome firefox edge safari session compte comptes application applications applis appli
site page lien liens formulaire formulaires procedure procedures infographie pdf document documents fichier fichiers mot
mots passe mdp password pass code codes pin identifiant identifiants login user utilisateur username connexion connecter
acces adresse adresses numero numeros nom noms prenom support etnic helpdesk aide contact question questions probleme
problemes soucis souci message messages administratif administrative administration federation wallonie bruxelles fwb cfwb
adm agence service services pse cpms pms caf cta esahr esarh internat internats home homes centre centres depaysement
academie academies superieur haute enseignement ecole ecoles etablissement etablissements athenee institut lycee college
pouvoir pouvoirs organisateur organisateurs directeur directrice direction secretaire secretariat prof professeur enseignant
eleve eleves parent parents collegue collegues chef responsable delegation delegue personne mme sms migration migre
redirection redirections transfert capacite stockage espace circulaire circulaires ancien systeme nouvelle interface maison
bureau travail rentree conge conges vacances telecharger ouvrir fermer cliquer clic ligne etape etapes suite essai essais
tentative tentatives authentification authenticator verification validation securite double facteur facteurs solution
solutions urgent urgence besoin merci attention sujet objet info infos information informations autre chose truc rappel
lequel postal erreur d'erreur pays qr source barre barres activation promo matricule ordre sanitaire rouge vert
"""

ORDINARY = frozenset((_FUNCTION + _STATE + _TOPIC).split())
"""Words that, where a password could stand, show that none does."""

_CLOSERS = """
et ou mais puis donc car que qui merci mrc svp stp pas ne n' je j' ca c' il elle on avec pour depuis sur dans
identifiant login user
mdp mot pass password
"""
CLOSERS = frozenset(_CLOSERS.split())
"""Words that can follow a one-word password after a colon; any other shows a sentence."""

_STEMS = """
    office outlook windows word excel exchange teams iphone ipad galaxy android macos ios mac chrome firefox edge explorer
    safari samsung pixel version build internet java adobe acrobat python server serveur sharepoint onedrive livebox
    proximus bbox imap pop smtp http https tls ssl kb error erreur err errno code codes ref reference ticket incident
    dossier demande inc req cas tkt art article circulaire circ decret page pages chapitre annexe fig figure point etape
    question form formulaire doc document fichier img image photo dsc scan screenshot capture salle local classe groupe
    bureau etage bloc bat batiment rue avenue route bte boite casier porte lot serie type modele model annee annees rentree
    periode session edition janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre jan fev mar
    avr jul aou sept sep oct nov dec lundi mardi mercredi jeudi vendredi samedi dimanche ecole ecoles etablissement etab
    fase nfase numero num no nr matricule implantation siege internat cpms pms academie athenee institut lycee college home
    centre po ec bma bmas mode cerbere edu ens adm cfwb fwb ceb cess covid iso utf usb vga hdmi wifi lan vlan base tel
    telephone gsm fax poste ext interne total prix eur euros euro min max top plus moins jour jours fois mois heure heures
    migration capacite
"""
STEMS = frozenset(_STEMS.split())
"""Words that digits follow in ordinary writing: Office365, salle12, circulaire_9563."""
