# Welcome and reminder, change of address, never again, and past editions.

reminder-subject = Your subscription to “{ $list }” waits for you
reminder-title = Your subscription is not complete yet
reminder-what = We were asked to send “{ $list }” from { $site } to this address, and nobody has confirmed it so far. If that was you and you still want it, please confirm; no edition reaches you before you do.
reminder-only = This is the only reminder. Without a confirmation we will not write about this request again, and it will be deleted.

welcome-subject = Welcome to “{ $list }”
welcome-title = Welcome
welcome-what = Your subscription to “{ $list }” from { $site } is complete.
welcome-next = The next edition comes on { $date }.
welcome-why = You receive this at { $address } because you confirmed your subscription to “{ $list }”.
welcome-choices = Choose what you get, and when

move-subject = Confirm your new address with { $site }
move-title = Is this your new address?
move-what = We were asked to move the subscriptions of { $from } with { $site } to this address: { $lists }. If that was you, please confirm; nothing changes before you do.
move-button = Move the subscriptions here
move-text = One click, and the subscriptions of { $from } go to the address that got the message: { $lists }. Nothing reaches the old address after that.
move-done-title = Your subscriptions have moved
move-done-text = Everything that you subscribed to now comes to your new address, as you had chosen it. Nothing reaches the old one any more.
move-expired-text = The change of address was not confirmed in time. Ask for a new message; it goes to the same address.
move-mailed-text = We will send a new message to the same address. Open it and press its button; nothing changes before that.

never-link = Never mail this address again
never-title = Never mail this address again?
never-text = Once you press the button, no message from { $site } reaches this address, and all its subscriptions end.
never-hint = Changed your mind? Close this page and nothing will change.
never-done-title = We will not mail this address again
never-done-text = Everything from { $site } to this address is stopped, and its subscriptions have ended. There is nothing more to do.
never-gone-title = Nothing is sent to this address
never-gone-text = The address that got the message has no subscription and no request with { $site } any more. There is nothing to do.

archive-older = Older editions
archive-newest = To the newest editions
