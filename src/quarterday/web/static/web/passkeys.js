// allauth's scripts say what went wrong in the console only; people read it on the page.
document.addEventListener("allauth.error", () => {
  const words = document.getElementById("passkey-trouble");
  if (words) words.hidden = false;
});
