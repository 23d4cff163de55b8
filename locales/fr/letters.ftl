# Bienvenue et rappel, changement d’adresse, arrêt définitif, éditions précédentes.

reminder-subject = Votre abonnement à « { $list } » vous attend
reminder-title = Votre abonnement n’est pas encore complet
reminder-what = On nous a demandé d’envoyer « { $list } », publiée par { $site }, à cette adresse, et personne ne l’a confirmé jusqu’ici. Si la demande vient de vous et que vous le souhaitez toujours, confirmez-la ; aucune édition ne vous parviendra avant.
reminder-only = Ceci est l’unique rappel. Sans confirmation, nous ne vous écrirons plus au sujet de cette demande, et elle sera supprimée.

welcome-subject = Bienvenue dans « { $list } »
welcome-title = Bienvenue
welcome-what = Votre abonnement à « { $list } », publiée par { $site }, est complet.
welcome-next = La prochaine édition paraîtra le { $date }.
welcome-why = Vous recevez ce message à l’adresse { $address } parce que vous avez confirmé votre abonnement à « { $list } ».
welcome-choices = Choisir ce que vous recevez, et quand

move-subject = Confirmez votre nouvelle adresse auprès de { $site }
move-title = Est-ce votre nouvelle adresse ?
move-what = On nous a demandé de transférer à cette adresse les abonnements de { $from } auprès de { $site } : { $lists }. Si la demande vient de vous, confirmez-la ; rien ne change avant.
move-button = Transférer les abonnements ici
move-text = Un clic, et les abonnements de { $from } passent à l’adresse qui a reçu le message : { $lists }. L’ancienne adresse ne recevra plus rien ensuite.
move-done-title = Vos abonnements sont transférés
move-done-text = Tous vos abonnements arrivent désormais à votre nouvelle adresse, selon vos choix. L’ancienne ne reçoit plus rien.
move-expired-text = Le changement d’adresse n’a pas été confirmé à temps. Demandez un nouveau message ; il ira à la même adresse.
move-mailed-text = Nous allons envoyer un nouveau message à la même adresse. Ouvrez-le et appuyez sur son bouton ; rien ne change avant.

never-link = Ne plus jamais écrire à cette adresse
never-title = Ne plus jamais écrire à cette adresse ?
never-text = Dès que vous aurez appuyé sur le bouton, aucun message de { $site } ne parviendra plus à cette adresse, et tous ses abonnements prendront fin.
never-hint = Vous avez changé d’avis ? Fermez cette page et rien ne changera.
never-done-title = Nous n’écrirons plus à cette adresse
never-done-text = Tous les envois de { $site } à cette adresse sont arrêtés, et ses abonnements ont pris fin. Vous n’avez rien d’autre à faire.
never-gone-title = Rien n’est envoyé à cette adresse
never-gone-text = L’adresse qui a reçu le message n’a plus ni abonnement ni demande auprès de { $site }. Vous n’avez rien à faire.

archive-older = Éditions plus anciennes
archive-newest = Vers les éditions les plus récentes
