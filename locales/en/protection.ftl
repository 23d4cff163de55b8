# What protects the forms.

guard-trap = Leave this field empty
guard-working = One moment, we are checking that a person sends this form …
guard-failed = The check did not finish. You can send the form all the same; the next page says how to go on.
guard-no-script = Your browser runs no scripts here. Press the button all the same: a person looks at your request first, so the message may take a while.

step-title = One more step
step-text = Press the button, and we will send you the message that confirms your subscription to “{ $list }”.
step-button = Go on
step-hint = This form came from another page than ours. The step keeps programs from signing up other people's addresses.
step-json = Send the same request again with this stamp.

error-too-many-title = Too many sign-ups from your network
error-too-many-text = Many sign-ups came from the same internet connection in a short time.
again-minutes = { $n ->
    [one] Send the form again in a minute.
   *[other] Send the form again in { $nf } minutes.
}
again-hours = { $n ->
    [one] Send the form again in an hour.
   *[other] Send the form again in { $nf } hours.
}
error-refused-title = This form was not sent from our page
error-refused-text = It came from another page, or it was open for longer than a day. Open it on our site and send it from there.
