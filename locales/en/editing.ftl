# For editors: the mail about a draft, its page, what readers would get; and corrections of past editions.

draft-subject = The draft of “{ $list }” of { $date } is open
draft-title = The next edition is ready for you to look at
draft-what = The draft of “{ $list }” is open. It goes out on { $time } ({ $zone } time).
draft-open = Open the draft
draft-nothing = You need not do anything: it goes out as it is, with what arrives until then.
draft-empty = It holds nothing yet
draft-holds = What it holds so far
draft-why = You receive this because you are an editor of “{ $list }”. The link is yours alone: whoever has it can change the draft.
draft-test-mark = [Test]

alert-subject = A source of “{ $list }” cannot be read
alert-title = A source cannot be read
alert-what = This source has failed since { $time } ({ $zone } time), and its articles are missing from “{ $list }”.
alert-next = It is tried again and again; this is the only message about it until it can be read.

editing-title = The draft of “{ $list }”
editing-goes-out = It goes out on { $time } ({ $zone } time). If nobody changes anything it goes out as it is, with what arrives until then.
editing-changed = Last changed by { $who }: { $time }.
editing-command = the command line
editing-note-saved = Your changes are saved.
editing-note-tested = Your changes are saved, and a test is on its way to { $address }.
editing-note-too-many = Your changes are saved. Ten tests of this draft were sent to you already; the preview shows the same.
editing-introduction = Introduction
editing-introduction-hint = Stands before the first story. An empty line begins a new paragraph.
editing-lead = Lead story
editing-lead-auto = Leave it to the newsletter
editing-article-title = Title
editing-place = In this edition
editing-place-auto = If there is room
editing-place-pin = Pinned on top
editing-place-drop = Left out
editing-position = Position
editing-position-hint = Number 1 stands first; give an article the number of the place where it should stand.
editing-is-lead = Lead story
editing-is-full = No room in this edition
editing-is-dropped = Left out
editing-is-pinned = Pinned
editing-own-title = Its own title: { $title }
editing-save = Save
editing-preview = Save and preview
editing-test = Save and send me a test
editing-empty = There is nothing new yet. What arrives until then goes out by itself.
editing-too-long = This is too long: { $most } characters at most.
editing-stale = { $who } has saved other changes meanwhile. Yours stand in the fields and are not saved yet; where they differ, what is saved stands below. Save again to put yours in its place.
editing-stored = Saved at present: { $value }
editing-discard = Give up mine and show what is saved
editing-sent-title = “{ $list }” is made
editing-sent-text = This is what goes to readers for { $date }. It can no longer be changed.
editing-closed-title = This draft is closed
editing-closed-text = No edition goes out for { $date }. What is new comes with the next.

preview-title = What readers would get
preview-who = For whom
preview-all = All sections
preview-nobody = nobody at present
preview-subject = Subject
preview-letter = The message
preview-text = The message as plain text
preview-alone = Open the message by itself
preview-too-little = Readers of these sections would get nothing: too little is new for them.
preview-back = Back to the draft
preview-send = Send it to me as a test
preview-note-tested = The test is on its way to { $address }.
preview-note-too-many = Ten tests of this draft were sent to you already; here you see the same.

corrections-title = Corrections

count-readers = { $n ->
    [one] one reader
   *[other] { $nf } readers
}
