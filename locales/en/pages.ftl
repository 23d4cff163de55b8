# The pages.

footer-promise = We share your address with nobody, and you can leave with one click.
to-lists = All newsletters

lists-title = Our newsletters
lists-text = Choose what you would like to receive, and we will send it to your mailbox.
lists-empty = There is no newsletter to subscribe to at the moment.

subscribe-button = Subscribe
subscribe-latest = Read the latest edition
subscribe-next = Next edition: { $date }.
subscribe-email = Your e-mail address
subscribe-name = Your name
subscribe-optional = (optional)
subscribe-what = We will send you one confirmation message. Nothing reaches you before you press its button, and you can leave with one click at any time.
subscribe-error-title = Error: { $title }
subscribe-use = Use { $suggestion }
field-error-text = This field takes nothing but a text.
field-error-texts = This field takes nothing but a list of texts.
name-error = The name is too long or has characters that cannot be written. Shorten it, or leave the field empty.

check-mail-title = Look in your mailbox
check-mail-text = We have sent a message to the address you gave. Open it and follow its link to start your subscription to “{ $list }”.
check-mail-hint = It may take a few minutes, and it may land in the spam folder. If it does not arrive, check the address and try again.
check-mail-again = Back to the form

confirm-title = Confirm your subscription
confirm-text = One click, and “{ $list }” starts coming to you.
confirm-button = Confirm the subscription
confirm-hint = Not you? Close this page and nothing will happen.

confirmed-title = You are subscribed
confirmed-text = “{ $list }” reaches you from the next edition on. At the end of every message there is a link to leave.
confirmed-latest = Read the latest edition until the next one comes

already-title = Your subscription is confirmed
already-text = You have already confirmed your subscription to “{ $list }”; there is nothing more to do.

expired-title = This link has expired
expired-text = The subscription to “{ $list }” was not confirmed in time. Ask for a new message; it goes to the same address.
expired-button = Send a new message

unsubscribe-title = Leave “{ $list }”?
unsubscribe-text = Once you press the button, no edition of it reaches you.
unsubscribe-hint = Changed your mind? Close this page and your subscription stays as it is.

unsubscribed-title = You are unsubscribed
unsubscribed-text = No edition of “{ $list }” will reach you from now on.
unsubscribed-undo = Pressed it by mistake? You can subscribe again.
moved-title = This subscription moved to another address
moved-text = The subscription to “{ $list }” moved from this address to another one, and nothing comes here any more. To end or change it, use the link in a mail that came to that address.
unsubscribed-again = Subscribe again

archive-title = Past editions
archive-empty = No edition has appeared yet.
archive-feed = Follow it in a feed reader (Atom)
archive-subscribe = Subscribe to the newsletter

digest-subscribe = Subscribe to “{ $list }”

error-request = Request number: { $id }
error-not-found-title = There is no page at this address
error-not-found-text = The link may be incomplete, or the page was removed.
error-bad-link-title = This link is not valid
error-bad-link-text = It may have been cut when it was copied. Open it from the message itself, or copy all of it.
error-bad-request-title = We did not understand the request
error-bad-request-text = The form arrived incomplete or damaged. Go back to it and send it again.
error-too-large-title = The request is larger than we accept
error-too-large-text = This form needs no more than an e-mail address. Go back to it and send it again.
error-unsupported-title = We do not read this kind of data
error-unsupported-text = Send the form from its page, or send the data as JSON.
error-method-title = This address is not asked for in this way
error-method-text = Open the page from its link and use the buttons on it.
error-unavailable-title = We cannot do that right now
error-unavailable-text = The fault is ours and most likely short. Try again in a few minutes; nothing is lost.
error-internal-title = Something went wrong on our side
error-internal-text = The error has been recorded and we will look into it. Please try again shortly.
