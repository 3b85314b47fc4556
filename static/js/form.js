// Entry of a page with questions.
import { autosave } from "./autosave.js";
import { enhanceComboboxes } from "./combobox.js";
import { watchCrisisAnswers } from "./crisis.js";
import { chooseHoursWhileTyping } from "./hours.js";
import { readyPage } from "./page.js";

readyPage();
enhanceComboboxes();
watchCrisisAnswers();
chooseHoursWhileTyping();
document.querySelectorAll("form[data-autosave-url]").forEach(autosave);
