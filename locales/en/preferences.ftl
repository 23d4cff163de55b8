# The page of choices, and what is offered in place of leaving.

preferences-title = What reaches you, and when
preferences-for = For { $address }
preferences-since = subscribed since { $date }
preferences-next = Next edition: { $time } ({ $zone } time).
preferences-paused = Paused until { $date }.
preferences-moved = The subscriptions of this address moved to another one. To end or change them, use the link in a mail that came to that address.
preferences-none = There is no subscription for this address.

preferences-note-saved = Your choices are saved; this is what applies now.
preferences-note-moving = We will send a confirmation message to the new address. Open it and press its button, and your subscriptions go there. Nothing changes before that.
preferences-note-left = All your subscriptions have ended, and nothing reaches you from now on.
preferences-note-back = Your subscription is back as it was.
preferences-note-all-back = Your subscriptions are back as they were.

preferences-cadence = How often?
preferences-cadence-list = As it is published
preferences-cadence-daily = Every day
preferences-cadence-weekly = Every week
preferences-cadence-monthly = Every month
preferences-weekday = On which day of the week?
preferences-monthday = On which day of the month?
preferences-hour = At what hour?
preferences-zone = In which city’s time?
preferences-zone-hint = The hour you chose is counted by it, in summer and in winter.
preferences-zone-wrong = We do not know this time zone. Choose a city from the list.

preferences-sections = Sections
preferences-sections-hint = If you tick all of them, or none, you get everything.
preferences-language = Language of the messages
preferences-language-list = The newsletter’s own
preferences-pause = A pause
preferences-pause-keep = No pause
preferences-pause-on = Stay paused
preferences-pause-none = Resume now
preferences-pause-two-weeks = Two weeks
preferences-pause-month = One month
preferences-pause-three-months = Three months
preferences-wrong = This choice is not available. Choose one of those shown.
preferences-save = Save

preferences-address = Change your address
preferences-email = Your new e-mail address
preferences-email-hint = We send one confirmation message there. Editions go on reaching you here until you confirm it.
preferences-email-button = Change the address

preferences-leave = Leaving, and your data
preferences-leave-list = Unsubscribe from “{ $list }”
preferences-leave-all = End all my subscriptions
preferences-download = Download my data
preferences-erase = Erase everything about me

instead-title = Or less often, instead of leaving
instead-weekly = Once a week
instead-monthly = Once a month
instead-pause = Pause for a month
instead-preferences = All your choices

undo-button = Undo
undo-hint = Your subscription comes back with its choices. This button works for one hour.
undo-all-hint = All your subscriptions come back with their choices. This button works for one hour.

erase-title = Erase everything about you?
erase-text = All your subscriptions end, and your address and the record of your consent are erased. We keep a keyed hash from which the address cannot be read, so that we never write to you again. This cannot be undone.
erase-button = Erase everything
erase-hint = Changed your mind?
erase-back = Back to your choices

erased-title = Everything is erased
erased-text = We no longer have your address or anything about you, and we will not write to you again.
