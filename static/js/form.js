// Entry of a page with questions.
import { autosave } from "./autosave.js";
import { enhanceComboboxes } from "./combobox.js";
import { watchCrisisAnswers } from "./crisis.js";
import { readyPage } from "./page.js";

readyPage();
enhanceComboboxes();
watchCrisisAnswers();
document.querySelectorAll("form[data-autosave-url]").forEach(autosave);
