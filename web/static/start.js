import { createAll, Button, CharacterCount, ErrorSummary, NotificationBanner, SkipLink } from "./govuk/govuk-frontend.min.js";

// Before they begin: they do nothing on a body without it. What a choice opens stays open, as without JavaScript:
// the library would hide it behind an attribute that radio buttons may not have.
document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const component of [Button, CharacterCount, ErrorSummary, NotificationBanner, SkipLink]) createAll(component);
