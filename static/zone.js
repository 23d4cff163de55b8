// The preferences page: where no time zone was chosen yet, the browser's is proposed.
const zones = document.querySelector("select[data-guess]");
const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zones && mine) {
  if (![...zones.options].some((option) => option.value === mine)) {
    zones.add(new Option(mine, mine));
  }
  zones.value = mine;
}
