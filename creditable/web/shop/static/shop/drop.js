// <form data-drop>: the file may be dropped anywhere on the form; then it is sent at once.
// Without this, the file is chosen and the button pressed.

for (const form of document.querySelectorAll("form[data-drop]")) {
  const area = form.querySelector(".drop");
  const input = form.querySelector('input[type="file"]');

  form.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    area.dataset.over = "";
  });
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) delete area.dataset.over;
  });
  form.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    delete area.dataset.over;
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });
}
