// Before the first paint, so that a dark page never flashes white.
try {
  const theme = localStorage.getItem("remit-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; then the system's scheme holds.
}
