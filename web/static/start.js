import { initAll } from "./govuk/govuk-frontend.min.js";

// Before initAll, which does nothing on a body without it. It hides what a choice opens: only where this module runs.
document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
