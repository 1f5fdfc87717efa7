// Sets the color scheme before anything is drawn.
(function () {
  var chosen = null
  try { chosen = localStorage.getItem('mantine-color-scheme-value') } catch (e) { /* no storage: the system's */ }
  if (chosen !== 'light' && chosen !== 'dark') chosen = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  document.documentElement.setAttribute('data-mantine-color-scheme', chosen)
})()
