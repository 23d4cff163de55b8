# Les pages.

footer-promise = Nous ne communiquons votre adresse à personne, et vous pouvez partir en un clic.
to-lists = Toutes les lettres d’information

lists-title = Nos lettres d’information
lists-text = Choisissez ce que vous souhaitez recevoir, et nous vous l’enverrons par e-mail.
lists-empty = Il n’y a pour le moment aucune lettre à laquelle s’abonner.

subscribe-button = S’abonner
subscribe-latest = Lire la dernière édition
subscribe-next = Prochaine édition : { $date }.
subscribe-email = Votre adresse e-mail
subscribe-name = Votre nom
subscribe-optional = (facultatif)
subscribe-what = Nous vous enverrons un seul message de confirmation. Vous ne recevrez rien avant d’avoir appuyé sur son bouton, et vous pourrez partir en un clic à tout moment.
subscribe-error-title = Erreur : { $title }
subscribe-use = Utiliser { $suggestion }
field-error-text = Ce champ n’accepte qu’un texte.
field-error-texts = Ce champ n’accepte qu’une liste de textes.
name-error = Le nom est trop long ou contient des caractères qui ne peuvent pas s’écrire. Raccourcissez-le, ou laissez le champ vide.

check-mail-title = Consultez votre messagerie
check-mail-text = Nous avons envoyé un message à l’adresse indiquée. Ouvrez-le et suivez son lien pour que commence votre abonnement à « { $list } ».
check-mail-hint = Il peut mettre quelques minutes à arriver, et se trouver parmi les courriers indésirables. S’il n’arrive pas, vérifiez l’adresse et réessayez.
check-mail-again = Revenir au formulaire

confirm-title = Confirmez votre abonnement
confirm-text = Un clic, et vous commencez à recevoir « { $list } ».
confirm-button = Confirmer l’abonnement
confirm-hint = Ce n’était pas vous ? Fermez cette page et il ne se passera rien.

confirmed-title = Votre abonnement est confirmé
confirmed-text = Vous recevrez « { $list } » dès la prochaine édition. Un lien pour partir figure à la fin de chaque message.
confirmed-latest = Lire la dernière édition en attendant la prochaine

already-title = Votre abonnement est déjà confirmé
already-text = Vous avez déjà confirmé votre abonnement à « { $list } » ; vous n’avez rien d’autre à faire.

expired-title = Ce lien n’est plus valable
expired-text = L’abonnement à « { $list } » n’a pas été confirmé à temps. Demandez un nouveau message ; il ira à la même adresse.
expired-button = Envoyer un nouveau message

unsubscribe-title = Quitter « { $list } » ?
unsubscribe-text = Dès que vous aurez appuyé sur le bouton, vous n’en recevrez plus aucune édition.
unsubscribe-hint = Vous avez changé d’avis ? Fermez cette page et votre abonnement reste tel qu’il est.

unsubscribed-title = Votre abonnement a pris fin
unsubscribed-text = Vous ne recevrez désormais plus aucune édition de « { $list } ».
unsubscribed-undo = C’était une erreur ? Vous pouvez vous abonner de nouveau.
moved-title = Cet abonnement est passé à une autre adresse
moved-text = L’abonnement à « { $list } » est passé de cette adresse à une autre, et plus rien n’arrive ici. Pour y mettre fin ou le modifier, utilisez le lien d’un message reçu à cette autre adresse.
unsubscribed-again = S’abonner de nouveau

archive-title = Éditions précédentes
archive-empty = Aucune édition n’a encore paru.
archive-feed = Suivre dans un lecteur de flux (Atom)
archive-subscribe = S’abonner à la lettre d’information

digest-subscribe = S’abonner à « { $list } »

error-request = Numéro de la demande : { $id }
error-not-found-title = Il n’y a pas de page à cette adresse
error-not-found-text = Le lien est peut-être incomplet, ou la page a été retirée.
error-bad-link-title = Ce lien n’est pas valable
error-bad-link-text = Il a peut-être été coupé lors de la copie. Ouvrez-le depuis le message lui-même, ou copiez-le en entier.
error-bad-request-title = Nous n’avons pas compris la demande
error-bad-request-text = Le formulaire est arrivé incomplet ou abîmé. Revenez-y et envoyez-le de nouveau.
error-too-large-title = La demande dépasse la taille que nous acceptons
error-too-large-text = Ce formulaire n’a besoin que d’une adresse e-mail. Revenez-y et envoyez-le de nouveau.
error-unsupported-title = Nous ne lisons pas ce type de données
error-unsupported-text = Envoyez le formulaire depuis sa page, ou envoyez les données en JSON.
error-method-title = Cette adresse ne s’appelle pas de cette manière
error-method-text = Ouvrez la page depuis son lien et utilisez ses boutons.
error-unavailable-title = Nous ne pouvons pas le faire pour l’instant
error-unavailable-text = La panne vient de chez nous et sera sans doute brève. Réessayez dans quelques minutes ; rien n’est perdu.
error-internal-title = Une erreur s’est produite de notre côté
error-internal-text = L’erreur a été enregistrée et nous allons l’examiner. Réessayez dans un moment.
