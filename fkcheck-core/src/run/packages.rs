//! `-p` and `--exclude`: whose findings are shown.

use super::{CheckError, Request};
use crate::grammar::nearest;
use crate::model::Package;
use crate::sources;

/// Which packages' findings are shown, by index.
pub(super) fn shown_packages(request: &Request, packages: &[Package]) -> Result<Vec<bool>, CheckError> {
    for spec in request.packages.iter().chain(&request.exclude) {
        if !packages.iter().any(|package| is_meant(package, spec)) {
            let near = nearest(spec, packages.iter().map(|package| package.name.as_str()));
            return Err(CheckError::Usage {
                message: format!("the workspace has no package `{}`", sources::redact(spec)),
                help: near.map(|near| format!("did you mean `{near}`?")),
            });
        }
    }
    let is_shown = |package: &Package| {
        let among = |specs: &[String]| specs.iter().any(|spec| is_meant(package, spec));
        (request.packages.is_empty() || among(&request.packages)) && !among(&request.exclude)
    };
    Ok(packages.iter().map(is_shown).collect())
}

/// Whether a package-id specification means a package: its name, `name@version`, or its whole id.
fn is_meant(package: &Package, spec: &str) -> bool {
    let version = package.id.rsplit(['#', '@']).next().unwrap_or_default();
    let (name, wanted) = spec.split_once('@').map_or((spec, None), |(name, version)| (name, Some(version)));
    package.id == spec || package.name == name && wanted.is_none_or(|wanted| wanted == version)
}
