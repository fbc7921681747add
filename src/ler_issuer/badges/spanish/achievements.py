"""What a badge or record says, what comes along with it, and whose it is: the codes of `badges`."""

from __future__ import annotations

from typing import Final

CONTEXT: Final = {
    "contexts_in_order": "La credencial usa los vocabularios que exige el estándar, en el orden correcto.",
    "context_missing": "El documento no dice qué vocabularios usa.",
    "context_too_few": "A la credencial le falta un vocabulario que exige el estándar: {detail}",
    "context_order": "La credencial nombra sus vocabularios en un orden incorrecto; en este lugar corresponde {detail}",
    "context_version": "La credencial usa una versión anterior de su vocabulario: {detail}",
    "context_alias": "La credencial usa otro nombre de su vocabulario: {detail}",
    "vc11": "La credencial está escrita en la versión 1.1 del modelo de datos; la versión actual es la 2.0.",
}

TYPE: Final = {
    "types_present": "El documento dice que es una credencial verificable, y de qué tipo.",
    "not_a_credential": "El documento no dice que sea una credencial verificable.",
    "badge_type_missing": "El documento habla de un logro, pero no dice que sea una insignia (Open Badge).",
}

SCHEMA: Final = {
    "schema_fits": "La credencial tiene la forma que exige su estándar.",
    "schema_violation": "La credencial no tiene la forma que exige su estándar: {detail}",
    "schema_unreadable": "No se puede comprobar la forma de la credencial: {detail}",
    "schema_unavailable": "La forma solo se comprobó a grandes rasgos, porque aquí no hay un esquema para este tipo de "
    "credencial.",
    "status_array": "La credencial nombra varios estados, cuando Open Badges permite uno; se comprueban todos.",
    "vc11_model": "La forma solo se comprobó a grandes rasgos, porque la credencial usa un modelo de datos anterior.",
    "member_missing": "A la credencial le falta una parte que toda credencial necesita: {detail}",
    "member_malformed": "Una parte de la credencial no tiene la forma que necesita: {detail}",
    "declared_schema_fits": "La credencial tiene la forma del esquema adicional que nombra.",
    "no_declared_schema": "No se comprobó, porque la credencial no nombra ningún esquema adicional.",
    "declared_schema_violation": "La credencial no tiene la forma del esquema adicional que nombra: {detail}",
    "declared_schema_malformed": "La credencial nombra un esquema adicional de un modo que no se entiende.",
    "unchecked": "La credencial nombra un esquema adicional del que aquí no se dispone; no se comprobó: {detail}",
}

SUBJECT: Final = {
    "subject_sound": "La credencial dice a quién se refiere y qué logró.",
    "subject_missing": "La credencial no dice a quién se refiere.",
    "subject_not_single": "La credencial se refiere a varias personas a la vez.",
    "subject_type": "Lo que la credencial dice de su titular no está marcado como {detail}.",
    "subject_unidentified": "La credencial no nombra a su titular ni con un id ni con un identificador.",
    "identifier_type": "Un identificador del titular no está marcado como IdentityObject.",
    "result_type": "Un resultado no está marcado como Result.",
    "source_type": "La persona o entidad que evaluó no está marcada como Profile.",
    "achievement_missing": "La credencial no dice qué se logró.",
    "achievement_type": "Lo que se logró no está marcado como Achievement.",
    "criteria_empty": "El logro no dice qué hace falta para obtenerlo.",
    "result_description_type": "La descripción de un resultado no está marcada como ResultDescription.",
    "rubric_level_type": "Un nivel de una rúbrica no está marcado como RubricCriterionLevel.",
}

PARTS: Final = {
    "evidence_sound": "Las evidencias están marcadas como evidencias.",
    "no_evidence": "No se comprobó, porque la credencial no nombra ninguna evidencia.",
    "evidence_type": "Una evidencia no está marcada como Evidence.",
    "issuer_sound": "El emisor se describe en la forma que exige Open Badges.",
    "issuer_uri": "El emisor se nombra solo por su dirección, y no todos los verificadores lo aceptan.",
    "issuer_type": "El emisor no está marcado como Profile.",
    "issuer_identifier_type": "Un identificador del emisor no está marcado como IdentifierEntry.",
    "issuer_parent_type": "La organización a la que pertenece el emisor no está marcada como Profile.",
    "not_a_badge": "No se comprobó, porque el documento no es una insignia.",
}

RESULTS: Final = {
    "results_agree": "Todos los resultados concuerdan con la descripción del logro.",
    "no_results": "No se comprobó, porque la credencial no indica resultados.",
    "result_description_unknown": "Un resultado se refiere a una descripción que el logro no tiene: {detail}",
    "level_unknown": "Un resultado indica un nivel que su descripción no tiene: {detail}",
    "required_level_unknown": "El logro exige un nivel que no describe: {detail}",
    "result_status_missing": "Un resultado que trata de un estado no dice cuál.",
    "value_out_of_range": "El valor de un resultado está fuera de los límites que fija el logro: {detail}",
    "value_not_allowed": "El valor de un resultado no es uno de los que permite el logro: {detail}",
}

BESIDES: Final = {
    "file_of_another_kind": "Esto es {detail}, que no lleva ninguna credencial: pida el archivo tal como se emitió.",
    "input_unavailable": "La credencial no se pudo obtener de su dirección, así que no se puede decir nada de ella: "
    "{detail}",
    "not_strict_json": "El archivo no es JSON que todos los programas lean igual: {detail}.",
    "refresh_not_followed": "Puede que el emisor ofrezca una copia más reciente de esta credencial; no se pidió.",
    "refreshed": "El emisor ofrece una copia más reciente de esta credencial; lo que se examinó es esa copia.",
    "refresh_none_newer": "El emisor no ofrece una copia más reciente de esta credencial.",
    "refresh_unavailable": "No se pudo obtener una copia más reciente que quizá ofrezca el emisor, así que se examinó "
    "esta: {detail}",
    "refresh_not_authentic": "Lo que la dirección del emisor dio como copia más reciente no superó la verificación, "
    "así que se examinó esta.",
    "refresh_not_valid": "La copia más reciente que ofrece el emisor no es válida ahora, así que se examinó esta.",
    "refresh_foreign": "Lo que la dirección dio como copia más reciente es otra credencial, así que se examinó esta.",
    "presentation_missing": "Se pidió una presentación de su titular; esta es una simple credencial y puede ser copia.",
    "presentation_unsigned": "La presentación no está firmada, así que no muestra quién la entrega.",
    "presentation_empty": "La presentación no contiene ninguna credencial.",
    "presented_accepted": "Una credencial presentada es auténtica y está vigente.",
    "presented_for_review": "Una credencial presentada necesita que la valore una persona.",
    "presented_rejected": "Una credencial presentada no se puede aceptar.",
    "endorsement_unchecked": "La credencial lleva un respaldo de otra persona o entidad, que no se comprobó.",
    "endorsement_verified": "Un respaldo de otra persona o entidad es auténtico y está vigente.",
    "endorsement_genuine": "Un respaldo de otra persona o entidad es auténtico, pero no se confirmó de quién es.",
    "endorsement_not_authentic": "Un respaldo no superó la verificación: nada demuestra que alguien respalde esto.",
    "endorsement_unacceptable": "Un respaldo es auténtico, pero no se puede aceptar.",
    "endorsement_revoked": "Un respaldo fue revocado por quien lo dio.",
    "endorsement_suspended": "Un respaldo está suspendido por ahora por quien lo dio.",
    "endorsement_expired": "Un respaldo ha caducado.",
    "endorsement_not_yet_valid": "Un respaldo todavía no es válido.",
    "endorsement_open": "Un respaldo no se pudo comprobar en todos sus aspectos.",
    "endorsement_on_target": "Un respaldo se refiere a aquello a lo que acompaña.",
    "endorsement_target_differs": "Un respaldo se refiere a algo distinto de aquello a lo que acompaña: {detail}",
}

MEMBERS: Final = {
    "member_verified": "Una credencial del expediente es auténtica y está vigente.",
    "member_not_authentic": "Una credencial del expediente no superó la verificación: nada demuestra que su "
    "emisor la firmara tal como está.",
    "member_unacceptable": "Una credencial del expediente es auténtica, pero no se puede aceptar.",
    "member_revoked": "Una credencial del expediente es auténtica, pero su emisor la ha revocado.",
    "member_suspended": "Una credencial del expediente es auténtica, pero su emisor la ha suspendido por ahora.",
    "member_expired": "Una credencial del expediente es auténtica, pero ha caducado.",
    "member_not_yet_valid": "Una credencial del expediente es auténtica, pero todavía no es válida.",
    "member_issuer_unknown": "Una credencial del expediente es auténtica, pero aquí no se conoce a su emisor.",
    "member_for_review": "Una credencial del expediente es auténtica, pero necesita que la valore una persona.",
    "member_open": "Una credencial del expediente no se pudo comprobar en todos sus aspectos.",
    "member_of_other_kind": "Una credencial del expediente es auténtica, pero de un tipo cuyo contenido aquí "
    "no se comprueba.",
    "member_subject_differs": "Una credencial del expediente se refiere, por lo que se puede saber, a otra persona.",
    "members_unchecked": "La credencial reúne otras credenciales, que no se comprobaron una por una.",
    "associations_sound": "Las relaciones entre los logros del expediente son coherentes.",
    "no_associations": "No se comprobó, porque el expediente no dice cómo se relacionan sus logros.",
    "too_many_members": "La credencial reúne más credenciales de las que aquí se comprueban ({detail}).",
}

ASSOCIATIONS: Final = {
    "member_id_reused": "Dos credenciales del expediente tienen el mismo id: {detail}",
    "association_unknown": "El expediente relaciona un logro del que no trata ninguna de sus credenciales: {detail}",
    "association_self": "El expediente relaciona un logro consigo mismo: {detail}",
    "association_contradiction": "El expediente relaciona dos logros de maneras que se excluyen entre sí: {detail}",
    "association_cycle": "El expediente relaciona logros en círculo, donde uno debe ir antes que otro: {detail}",
}

DERIVATION: Final = {
    "parts_not_shown": "No se comprobó, porque no se mostraron las partes en las que se basa la credencial.",
    "derivation_absent": "La credencial no dice que se base en partes, así que las que se mostraron no se tuvieron en "
    "cuenta.",
    "derivation_malformed": "No se entiende lo que la credencial dice sobre las partes en las que se basa: {detail}",
    "part_verified": "Una parte en la que se basa la credencial se mostró, y es auténtica: {detail}",
    "part_not_supplied": "Una parte en la que se basa la credencial no se mostró: {detail}",
    "part_not_bundled": "Una parte en la que se basa la credencial no está en este expediente: {detail}",
    "part_not_named": "Se mostró algo en lo que esta credencial no se basa, y se dejó de lado: {detail}",
    "part_not_authentic": "Una parte que se mostró no superó la verificación, así que no demuestra nada: {detail}",
    "part_unacceptable": "Una parte que se mostró es auténtica, pero no se puede aceptar: {detail}",
    "part_open": "No se pudo comprobar la firma de una parte que se mostró: {detail}",
    "part_standing_open": "No se pudo comprobar si una parte que se mostró sigue vigente: {detail}",
    "part_revoked": "El emisor ha revocado una parte en la que se basa la credencial: {detail}",
    "part_suspended": "El emisor ha suspendido por ahora una parte en la que se basa la credencial: {detail}",
    "part_expired": "Una parte en la que se basa la credencial ya ha caducado: {detail}",
    "part_not_yet_valid": "Una parte en la que se basa la credencial todavía no es válida: {detail}",
    "part_issuer_unknown": "El emisor de una parte no es conocido aquí ni figura en ningún registro en el que usted "
    "confíe: {detail}",
    "part_subject_open": "No se puede saber si una parte se refiere a la misma persona que la credencial: {detail}",
    "part_unreadable": "No se puede leer lo que dice una parte, así que no se pudo volver a aplicar la regla: {detail}",
    "digests_same": "Todas las partes que se mostraron son exactamente las que nombra la credencial.",
    "part_digest_differs": "Una parte que se mostró no es la que nombra la credencial: {detail}",
    "rule_same": "La regla sigue publicada palabra por palabra tal como la nombra la credencial.",
    "rule_differs": "La regla publicada no es aquella por la que la credencial dice que se obtuvo.",
    "rule_of_another": "La regla otorga algo distinto de lo que dice esta credencial: {detail}",
    "rule_unreadable": "No se pudo volver a aplicar la regla, porque no está escrita en una forma que aquí se conozca: "
    "{detail}",
    "rule_unreachable": "No se pudo comprobar la regla, porque no se pudo acceder al lugar donde se publica: {detail}",
    "rule_refused": "No se pudo comprobar la regla, porque no está permitido visitar su dirección: {detail}",
    "rule_not_found": "No se pudo comprobar la regla, porque no está publicada donde debería: {detail}",
    "rule_too_large": "No se pudo comprobar la regla, porque la respuesta era demasiado larga: {detail}",
    "rule_not_json": "No se pudo comprobar la regla, porque la respuesta no era JSON: {detail}",
    "rule_not_asked": "No se pudo comprobar la regla, porque no se pidió: {detail}",
    "outcome_same": "Al aplicarla de nuevo solo a las partes, la regla llega al mismo resultado.",
    "outcome_otherwise": "Al aplicarla de nuevo solo a las partes, la regla se cumple, pero con otras partes que las "
    "que dice la credencial.",
    "outcome_differs": "Al aplicarla de nuevo solo a las partes, la regla no se cumple: {detail}",
    "outcome_undecided": "Al aplicarla de nuevo solo a las partes, la regla no se pudo decidir con el trabajo que aquí "
    "se dedica.",
    "derivation_open": "No se comprobó, porque no se tienen la regla y todas las partes, auténticas y sin cambios.",
    "too_many_derivations": "No se comprobó, porque llegaron juntas más credenciales basadas en partes de las que aquí "
    "se comprueban ({detail}).",
}

DISCLOSURE: Final = {
    "view_of_holder": "La persona titular eligió qué mostrar de la credencial ({detail} enunciados: los que siempre se "
    "muestran y los elegidos). El emisor firmó cada parte mostrada; lo omitido no se puede conocer.",
    "results_not_shown": "El logro describe resultados que no se muestran, porque se ocultaron o nunca se registraron: "
    "{detail}",
    "optional_parts_not_shown": "Una credencial así puede decir más de lo que se muestra; esto se ocultó o nunca se "
    "registró: {detail}",
}

RECIPIENT: Final = {
    "recipient_holds_key": "La credencial se refiere a la persona que la presentó, que demostró tener su clave.",
    "recipient_matches": "La credencial nombra a la persona que usted espera ({detail}).",
    "recipient_weak_hash": "La credencial nombra a la persona que usted espera, pero con un tipo de resumen (hash) que "
    "se puede falsificar.",
    "recipient_name_only": "El nombre en la credencial es el de la persona que usted espera; puede que mucha gente se "
    "llame así.",
    "recipient_differs": "La credencial se refiere a una persona distinta de la esperada: la que usted nombró o, si no "
    "nombró a nadie, la que presentó la credencial.",
    "recipient_unsaid": "Se pide saber si pertenece a quien se postula, y nadie ha dicho quién se postula.",
    "recipient_open": "A partir de la credencial no se puede saber si se refiere a la persona esperada: la que usted "
    "nombró o, si no nombró a nadie, la que presentó la credencial.",
}

BAKING: Final = {
    "picture_unknown": "El archivo no es una imagen PNG ni SVG.",
    "picture_too_large": "La imagen es más grande de lo que aquí se lee ({detail}).",
    "png_damaged": "La imagen está dañada o fue alterada, así que nada de lo que contiene es fiable: {detail}.",
    "svg_malformed": "La imagen no se puede leer: {detail}.",
    "svg_entities": "La imagen usa abreviaturas propias, que pueden ocultar otro texto, así que no se lee.",
    "svg_active": "La imagen hace más que mostrar algo, así que no se lee: {detail}",
    "nothing_baked": "La imagen no lleva ninguna credencial; quizá se perdió al guardar o enviar la imagen.",
    "baked_twice": "La imagen lleva varias credenciales ({detail}); no se puede saber a cuál se refiere.",
    "baked_older": "La imagen lleva una insignia de un estándar anterior a Open Badges 3.0, que aquí no se comprueba.",
    "baked_malformed": "La credencial que lleva la imagen no se puede leer: {detail}.",
    "baked_too_large": "La credencial que lleva la imagen es más larga de lo que aquí se lee ({detail}).",
}
