# Signing up: for several newsletters, from the pages of other sites, and addresses that are questioned or refused.

lists-which = What would you like to receive?
lists-more = More
lists-error-no-list = Choose at least one newsletter.
lists-error-unknown-list = One of the newsletters you chose is no longer sent. Look at your choice and try again.

address-error-typo = Did you mean { $suggestion }? If the address is right as you typed it, press “Subscribe” once more.
address-error-no-mail-domain = No mail reaches the part after the @. Check its spelling, or use another address.
address-error-disposable = This is a temporary address, and the newsletter would not reach it for long. Use an address whose mail you always read.
address-error-role = Nobody in particular reads the mail of this address. Use your own.

check-mail-several = We have sent one confirmation message to the address you gave. Open it and follow its link to start your subscription to all that you chose.

embed-title = Put the form on your site
embed-text = Copy one of the two texts into your page. The form takes the colours and type of your site, and where each subscription came from is kept with it.
embed-plain = Without a script
embed-plain-text = Works in every browser. After the button the reader comes to our page.
embed-scripted = With a script
embed-scripted-text = The reader stays on your page and sees the answer there, if the newsletter’s settings allow it to your site. Otherwise it works like the first.
embed-preview = How it looks
embed-unknown = The address of this page names lists that do not exist: { $lists }
embed-known = These exist: { $lists }
