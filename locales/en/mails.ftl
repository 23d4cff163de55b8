# The mails.

salutation = Hello,
salutation-name = Hello { $name },

digest-subject = { $list }: { $title }
digest-intro = here is the best of what we published: { $articles } { $sections }.
digest-intro-short = here is the best of what we published: { $articles }.
digest-why = You receive this at { $address } because you subscribed to “{ $list }”.
digest-more = Also on the site: { $articles }
view-in-browser = Read it in the browser

confirmation-subject = Confirm your subscription to “{ $list }”
confirmation-title = One step left
confirmation-what = We were asked to send “{ $list }” from { $site } to this address. If that was you, please confirm; no edition reaches you before you do.
confirmation-button = Confirm the subscription
confirmation-expires = The link works until { $time } ({ $zone } time).
confirmation-when = The request came on { $time } ({ $zone } time).
confirmation-when-ip = The request came on { $time } ({ $zone } time) from the network address { $ip }.
confirmation-not-you = Not you? Ignore this message and nothing will happen.

notice-subject = You are subscribed to “{ $list }”
notice-title = You are already subscribed
notice-what = Somebody asked again to subscribe this address to “{ $list }” from { $site }. Your subscription stands and nothing about it has changed, so there is nothing to do.
notice-not-you = If that was not you, ignore this message.
notice-leave = If you no longer want the newsletter, you can leave with one click:
