// Sets the chosen theme before the first paint; the system's choice stands where none was made.
(function () {
  try {
    var kept = localStorage.getItem("theme");
    if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
  } catch (error) { /* storage may be closed; the system's theme is used */ }
})();
