// Loaded before htmx, so that the first request already finds its listeners. Each behaviour is bound by data-* attributes.
import "./errors.js";
import "./links.js";
import "./mirror.js";
import "./toasts.js";
import "./dialog.js";
import "./confirm.js";
import "./menu.js";
import "./select.js";
import "./palette.js";
import "./keys.js";
import "./copy.js";
import "./live.js";
import "./live-list.js";
import "./live-record.js";
import "./bell.js";
import "./progress.js";
import "./poll.js";
