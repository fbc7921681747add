"""Whether a document can be read, what it means, and who signed it: the codes of `vc` up to the proof."""

from __future__ import annotations

from typing import Final

DOCUMENT: Final = {
    "readable": "El documento se puede leer como credencial.",
    "not_an_object": "El documento no es una credencial: no es un objeto JSON.",
    "too_deep": "El documento anida sus partes a demasiada profundidad para leerlo con seguridad.",
    "too_large": "El documento tiene más partes de las que puede tener una credencial.",
    "lone_surrogate": "El documento contiene caracteres rotos, que distintos programas leerían de distinta manera.",
    "number_out_of_range": "El documento contiene un número que distintos programas leerían de distinta manera.",
    "not_a_json_value": "El documento contiene algo que no es JSON.",
    "unreadable": "No se comprobó, porque el documento no se pudo leer como credencial.",
}

MEANING: Final = {
    "terms_defined": "Todo lo que dice la credencial tiene un significado definido y está protegido por la firma.",
    "terms_undefined": "Una parte de la credencial no tiene un significado que otros programas puedan conocer: "
    "{detail}",
    "unknown_context": "La credencial usa un vocabulario que aquí no se conoce: {detail}",
    "context_not_known": "No se comprobó, porque la credencial usa un vocabulario que aquí no se conoce.",
    "inline_context": "La credencial trae su propio vocabulario, que podría dar cualquier significado a sus palabras: "
    "{detail}",
    "malformed_context": "La credencial no indica correctamente qué vocabulario usa: {detail}",
    "work_bound": "La credencial está construida de un modo que llevaría demasiado tiempo comprobar: {detail}",
    "not_json_ld": "La credencial no se puede leer como datos enlazados, así que no es seguro qué protege su firma: "
    "{detail}",
    "no_statements": "La credencial no dice nada que una firma pueda proteger.",
    "value_dropped": "Un valor de la credencial no tiene un significado definido, así que ninguna firma lo protege: "
    "{detail}",
    "reference_dropped": "La credencial nombra algo sin decir nada al respecto: {detail}",
    "index_dropped": "La credencial numera sus partes de un modo que ninguna firma protege: {detail}",
    "direction_dropped": "La firma no protege la dirección de escritura de un texto: {detail}",
    "malformed_iri": "La credencial contiene un identificador mal formado: {detail}",
    "malformed_language": "La credencial indica un idioma con un código que no existe: {detail}",
    "not_plain": "Una parte de la credencial está escrita de modo que los programas comunes la pasarían por alto: "
    "{detail}",
    "described_twice": "La credencial se describe a sí misma o a su titular en un segundo lugar, que es fácil pasar "
    "por alto.",
    "term_dropped": "Una parte de la credencial no tiene un significado definido, así que ninguna firma la protege: "
    "{detail}",
    "relative_iri": "Una parte de la credencial nombra algo con una dirección incompleta, así que su significado no es "
    "fijo: {detail}",
}

PROOF: Final = {
    "proof_found": "La credencial lleva una firma.",
    "proof_missing": "La credencial no está firmada, así que cualquiera pudo escribirla.",
    "proof_malformed": "Lo que aparece en el lugar de la firma no es una firma.",
    "too_many_proofs": "La credencial lleva más firmas de las que aquí se comprueban ({detail}).",
    "no_proof": "No se comprobó, porque la credencial no lleva ninguna firma que se pueda leer.",
    "suite_supported": "El tipo de firma se admite.",
    "proof_type_unknown": "El tipo de firma no es uno de los que aquí se aceptan: {detail}",
    "suite_unknown": "La firma se hizo con un método que aquí no se acepta: {detail}",
    "suite_not_supported": "No se comprobó, porque aquí no se acepta este tipo de firma.",
    "proof_not_derived": "La firma es la que el emisor entregó a su titular, y no está pensada para mostrarse a otros.",
    "suite_does_not_sign": "Las firmas de este tipo se leen aquí, pero no se hacen: {detail}",
    "purpose_wrong": "La firma se hizo con un fin distinto del de emitir credenciales: {detail}",
    "purpose_not_presenting": "La firma se hizo con un fin distinto del de presentar credenciales: {detail}",
    "created_malformed": "No se puede leer cuándo se firmó, así que la firma no es fiable.",
    "created_missing": "La firma no dice cuándo se hizo, y las de este tipo deben decirlo.",
    "expires_malformed": "La firma dice que caduca, pero no se puede leer su fecha de fin.",
    "created_in_future": "La fecha de la firma está en el futuro ({detail}); puede que algún reloj esté mal.",
    "proof_expired": "La firma misma solo era válida hasta {detail}.",
    "proof_id_malformed": "La firma lleva por nombre algo que no es una dirección web ni otro identificador.",
    "proof_id_repeated": "Dos firmas de la credencial llevan el mismo nombre: {detail}",
    "previous_proof_malformed": "La firma no indica correctamente en qué otras firmas se apoya.",
    "previous_proof_unknown": "La firma se apoya en otra firma que no está: {detail}",
    "proof_chain_circular": "La firma se apoya en sí misma, en círculo.",
    "proof_context_differs": "La firma se hizo con un vocabulario distinto del que ahora usa la credencial.",
    "context_unsigned": "Después de firmar se añadió vocabulario que cambia lo que dice la credencial: {detail}",
    "proof_option_malformed": "No se puede leer lo que la firma dice sobre la ocasión en que se hizo.",
    "challenge_differs": "La firma no responde a lo que se pidió aquí; puede ser copia de una respuesta anterior.",
    "domain_differs": "La firma se hizo para que la recibiera otra entidad: {detail}",
    "signature_holds": "La firma es correcta: nada ha cambiado desde que se firmó la credencial.",
    "signature_wrong": "La firma no es correcta: la credencial se cambió después de firmarla, o se firmó con otra "
    "clave.",
    "proof_value_malformed": "La firma está dañada: no se puede leer su valor.",
    "key_not_available": "La firma no se comprobó, porque no hay ninguna clave que pueda respaldarla.",
    "key_of_another": "No se siguió comprobando, porque la clave la controla otra persona o entidad.",
    "meaning_not_fixed": "La firma no se comprobó, porque no es seguro qué protegería.",
}

KEY: Final = {
    "key_listed": "El emisor publica la clave y permite firmar credenciales con ella.",
    "key_listed_to_present": "Quien presenta las credenciales publica la clave y permite identificarse con ella.",
    "key_wrong_kind": "Una clave de este tipo no puede haber hecho una firma como esta: {detail}",
    "key_in_fragment": "La firma trae su propia clave, pero el emisor no la nombra en nada de lo que publica: {detail}",
    "method_malformed": "La firma no dice con qué clave se hizo.",
    "method_without_fragment": "La firma no dice con cuál de las claves del emisor se hizo.",
    "method_bare": "Firma el emisor, nombrado solo por su clave.",
    "did_malformed": "El identificador de quien firma está mal formado: {detail}",
    "did_method_unknown": "No se pudo buscar la clave, porque no se admiten identificadores de este tipo: {detail}",
    "key_unreachable": "No se pudo comprobar la clave del emisor, porque su sitio web no respondió: {detail}",
    "key_refused": "No se pudo comprobar la clave del emisor, porque no está permitido visitar su dirección: {detail}",
    "key_not_found": "No se pudo comprobar la clave del emisor, porque su sitio web no la publica: {detail}",
    "key_too_large": "No se pudo comprobar la clave del emisor, porque su sitio web envió demasiados datos: {detail}",
    "key_not_json": "No se pudo comprobar la clave del emisor, porque su sitio web no respondió con JSON: {detail}",
    "key_not_asked": "No se pudo comprobar la clave del emisor, porque no se le pidió: {detail}",
    "key_rolled_back": "No se pudo comprobar la clave del emisor, porque su sitio web dio una lista más antigua: "
    "{detail}",
    "key_not_historical": "No se pudo comprobar la clave del emisor tal como era en la fecha por la que se pregunta: "
    "{detail}",
    "controller_document_malformed": "No se entiende lo que el emisor publica sobre sus claves.",
    "controller_document_foreign": "Lo que se publica sobre las claves del emisor pertenece a otra persona o entidad: "
    "{detail}",
    "key_unknown": "El emisor no publica la clave que nombra la firma.",
    "key_not_for_assertion": "El emisor publica la clave, pero no permite firmar credenciales con ella.",
    "key_not_for_authentication": "Quien presenta las credenciales publica la clave, pero no permite identificarse con "
    "ella.",
    "key_controller_differs": "El emisor publica la clave, pero dice que la controla otra persona o entidad: {detail}",
    "key_malformed": "La clave del emisor es de un tipo, o tiene una forma, que aquí no se acepta: {detail}",
    "key_revoked": "El emisor ha retirado la clave con la que se firmó esta credencial.",
    "key_expired": "La clave ya había caducado cuando se firmó la credencial.",
    "controller_is_issuer": "Quien firma es el emisor.",
    "controller_foreign": "La credencial no la firmó su emisor, sino otra persona o entidad: {detail}",
    "controller_foreign_accepted": "La credencial no la firmó su emisor, sino otra persona o entidad, y usted lo "
    "permitió: {detail}",
    "signed_by_another": "Además del emisor, también firmó la credencial otra persona o entidad: {detail}",
    "controller_is_holder": "Quien presenta las credenciales tiene la clave de la persona que nombra como titular.",
    "holder_absent": "La presentación no dice quién la presenta; la firmó {detail}.",
    "holder_malformed": "La presentación no dice correctamente quién la presenta.",
    "holder_differs": "La presentación no la firmó quien en ella se nombra, sino otra persona o entidad: {detail}",
    "issuer_missing": "La credencial no dice quién la emitió.",
    "method_unbound": "La firma nombra una clave suelta, que no la vincula con el emisor.",
}

PRESENTATION: Final = {
    "presentation_fresh": "Las credenciales se presentaron en respuesta a esta solicitud.",
    "presentation_unasked": "No se pidió nada a quien presenta, así que puede ser copia de una presentación anterior.",
    "presentation_not_proven": "No se comprobó, porque nada demuestra quién presenta las credenciales.",
    "not_a_presentation": "El documento no es una presentación de credenciales.",
}

TOKEN: Final = {
    "token_found": "La credencial viene en forma de token que lleva una firma.",
    "token_parts_withheld": "La persona titular muestra la credencial en parte: no se muestran {detail} de sus partes, "
    "como máximo.",
    "standing_not_shown": "La persona titular muestra la credencial en parte, sin esto: {detail}. Puede que el "
    "emisor lo firmara, así que lo mostrado no permite saber si la credencial se revocó o ha caducado.",
    "token_header_more": "El token dice otras cosas sobre su clave, que no se tuvieron en cuenta: {detail}",
    "jwt_malformed": "El token no se puede leer como credencial firmada: {detail}",
    "jwt_not_signed": "El token no está firmado, así que cualquiera pudo escribirlo: {detail}",
    "jwt_alg_unknown": "El token se firmó con un método que aquí no se acepta: {detail}",
    "jwt_critical": "El token exige seguir reglas que aquí no se conocen: {detail}",
    "jwt_type_wrong": "El token dice ser algo distinto de una credencial: {detail}",
    "jwt_mixed": "El token mezcla dos versiones del modelo de datos: {detail}",
    "jwt_key_malformed": "El token trae consigo una clave que aquí no se acepta: {detail}",
    "jwt_key_unnamed": "El token no dice con qué clave se firmó.",
    "jwt_alg_differs": "El token se firmó con un método distinto de aquel para el que es su clave: {detail}",
    "envelope_malformed": "El objeto que envuelve la credencial firmada es más que un sobre, o no lo es: {detail}",
    "envelope_unknown": "La credencial firmada viene en un sobre de un tipo que aquí no se lee: {detail}",
    "cose_malformed": "El objeto firmado no se puede leer como credencial firmada: {detail}",
    "cose_type_wrong": "El objeto firmado dice ser algo distinto de una credencial: {detail}",
    "sd_jwt_malformed": "No se puede leer el token, o una de las partes que se muestran junto a él: {detail}",
    "sd_digest_unknown": "Junto al token se muestra una parte que el emisor no firmó: {detail}",
    "sd_key_binding": "El token está ligado a una clave de su titular de un modo que aquí no se comprueba.",
    "jwk_differs": "El token nombra una clave y trae consigo otra.",
    "jwk_readable": "La clave con la que se firmó el token se puede leer.",
    "jwk_at_issuer": "La clave está en el propio sitio web del emisor.",
    "jwk_listed": "El emisor publica la clave.",
    "jwk_ambiguous": "El emisor publica varias claves con el nombre que indica el token: {detail}",
    "jwk_of_another": "La clave no es del emisor, sino de otra persona o entidad: {detail}",
    "jwk_self_asserted": "La clave viene con la propia credencial, y nada de lo que publica el emisor dice que sea "
    "suya: {detail}",
    "claims_agree": "Lo que el token dice sobre la credencial coincide con la credencial.",
    "claim_absent": "El token no repite todo lo que debería de la credencial: {detail}",
    "claim_missing": "El token omite algo que toda insignia firmada tiene que decir: {detail}",
    "claim_malformed": "No se puede leer lo que el token dice sobre la credencial: {detail}",
    "claim_differs": "El token dice algo distinto de lo que dice la credencial que contiene: {detail}",
}
