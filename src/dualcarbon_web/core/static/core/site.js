// Small behaviours: theme switch, copy to a spreadsheet, filters that apply at once.
(function () {
  "use strict";
  var root = document.documentElement;
  var said = document.getElementById("said");

  function dark() {
    return root.dataset.theme ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function say(text) { if (said) said.textContent = text; }

  function copy(button) {
    fetch(button.dataset.copy, { headers: { Accept: "text/plain" } })
      .then(function (answer) { if (!answer.ok) throw new Error(answer.status); return answer.text(); })
      .then(function (text) { return navigator.clipboard.writeText(text); })
      .then(function () {
        var words = button.textContent;
        button.textContent = button.dataset.done;
        say(button.dataset.done);
        setTimeout(function () { button.textContent = words; }, 1600);
      })
      .catch(function (error) { say(String(error)); });
  }

  document.addEventListener("click", function (event) {
    var theme = event.target.closest("[data-theme-switch]");
    var button = event.target.closest("[data-copy]");
    if (theme) {
      root.dataset.theme = dark() ? "light" : "dark";
      try { localStorage.setItem("theme", root.dataset.theme); } catch (error) { /* not kept */ }
      window.dispatchEvent(new Event("themechange"));
    }
    if (button) copy(button);
  });

  document.addEventListener("change", function (event) {
    var form = event.target.closest("form[data-auto]");
    if (form) form.requestSubmit();
  });

  window.addEventListener("load", function () { document.body.dataset.ready = "1"; });
})();
